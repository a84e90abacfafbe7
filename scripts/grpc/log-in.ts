import type { rpcCredentials } from "@airside/kernel/credentials"
import { connect } from "@airside/kernel/rpc-client"
import { AccountServiceService } from "@airside/protos/airside/accounts/v1/accounts"
import { DEMO_PASSWORD, DEMO_PEOPLE } from "../../services/backend/seed/demo-people.ts"

const DEMO_USERS = DEMO_PEOPLE.map(({ username }) => username)
const DEADLINE_SECONDS = 15

/** Nobody can be logged in without a password. */
export class PasswordMissing extends Error {}

/**
 * An identity token for `USERNAME`, `USERNAME:PASSWORD` or `guest:ACCESS_TOKEN`, from backend. Throws what LogIn and
 * Authenticate answer, WRONG_CREDENTIALS and SESSION_ENDED among it.
 */
export async function logIn(
  as: string,
  {
    address,
    credentials,
    password,
  }: { address: string; credentials: ReturnType<typeof rpcCredentials>["client"]; password?: string },
): Promise<string> {
  const accounts = connect(AccountServiceService, address, { credentials, deadlineSeconds: DEADLINE_SECONDS })
  try {
    const accessToken = as.startsWith("guest:") ? as.slice("guest:".length) : await openSession()
    return (await accounts.authenticate({ accessToken })).identityToken
  } finally {
    accounts.close()
  }

  async function openSession() {
    const [username = "", ...rest] = as.split(":")
    const given =
      rest.length > 0 ? rest.join(":") : (password ?? (DEMO_USERS.includes(username) ? DEMO_PASSWORD : undefined))
    if (given === undefined) throw new PasswordMissing(`${username} needs --password or AIRSIDE_PASSWORD`)
    const requestId = crypto.randomUUID()
    return (await accounts.logIn({ requestId, username, password: given })).accessToken
  }
}

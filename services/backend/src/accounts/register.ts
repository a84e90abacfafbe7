import { Problems } from "@airside/kernel/errors"
import { once } from "@airside/kernel/idempotency"
import { newId } from "@airside/kernel/ids"
import type { Transaction } from "@airside/kernel/sql"
import type { RegisterRequest, RegisterResponse } from "@airside/protos/airside/accounts/v1/accounts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { hashPassword, sealPassword } from "./passwords.ts"
import { checkEmail, checkName, checkPassword, toUser, type UserRow, userColumns } from "./user.ts"

/** Opens an account and logs it in. Reasons: INVALID_REQUEST, USERNAME_TAKEN, EMAIL_TAKEN. */
export async function register(context: CallContext, request: RegisterRequest): Promise<RegisterResponse> {
  const person = checkRegistration(request)
  const passwordHash = await hashPassword(request.password)
  const fingerprinted = { ...request, password: sealPassword(request.password, context.rules.offerKey) }
  const { user } = await once<RegisterResponse>(context, fingerprinted, async (tx) => ({
    user: toUser(await insertUser(tx, person, passwordHash)),
    accessToken: "",
    expireTime: undefined,
  }))
  const { accessToken, expireTime } = await context.sessions.open(user!.id)
  return { user, accessToken, expireTime }
}

type Person = { username: string; email: string; firstName: string; lastName: string }

/** Throws one INVALID_REQUEST that names every bad field. */
export function checkRegistration(request: Person & { password: string }): Person {
  const problems = new Problems()
  const username = request.username.trim()
  if (!/^[A-Za-z0-9._-]{3,32}$/.test(username)) {
    problems.add("username", "must be 3 to 32 letters, digits, dots, hyphens or underscores")
  }
  const email = request.email.trim()
  checkEmail(problems, "email", email)
  checkPassword(problems, "password", request.password)
  checkName(problems, "first_name", request.firstName)
  checkName(problems, "last_name", request.lastName)
  problems.throwIfAny()
  return { username, email, firstName: request.firstName.trim(), lastName: request.lastName.trim() }
}

/** Also what `bun run create-admin` and `seed:demo` use. Reasons: USERNAME_TAKEN, EMAIL_TAKEN. */
export async function insertUser(
  tx: Transaction,
  person: Person,
  passwordHash: string,
  staff = false,
): Promise<UserRow> {
  const [inserted] = await tx<UserRow[]>`
    insert into users (id, username, username_key, email, email_key, password_hash, first_name, last_name, staff)
    values (
      ${newId()}, ${person.username}, ${person.username.toLowerCase()}, ${person.email}, ${person.email.toLowerCase()},
      ${passwordHash}, ${person.firstName}, ${person.lastName}, ${staff}
    )
    on conflict do nothing
    returning ${userColumns(tx)}`
  if (inserted) return inserted
  const [taken] = await tx`select 1 from users where username_key = ${person.username.toLowerCase()}`
  throw taken ? failures.USERNAME_TAKEN() : failures.EMAIL_TAKEN()
}

import { randomBytes } from "node:crypto"
import type { History } from "./history.ts"
import type { Product } from "./product.ts"

const TRIES = 5

/** A new account, asked for until it is there: rounds begin on a machine that may still be busy. */
export async function signUp(
  history: History,
  { round, name, key }: { round: number; name: string; key: string },
): Promise<{ id: string; token: string }> {
  const body = {
    username: name,
    email: `${name}@example.com`,
    password: "correct horse battery",
    first_name: "Ada",
    last_name: "Lovelace",
  }
  for (let attempt = 1; ; attempt++) {
    const request = { round, customer: name, method: "POST", path: "/api/auth/register", key, body } as const
    const { answer } = await history.ask(request)
    if (answer?.access_token) return { id: answer.user.id, token: answer.access_token }
    if (attempt === TRIES) throw new Error(`nobody could register: ${JSON.stringify(answer)}`)
    await Bun.sleep(300)
  }
}

/** The access token of somebody who may give points. */
export async function hireStaff(product: Product, history: History): Promise<string> {
  const name = `staff-${randomBytes(4).toString("hex")}`
  const { token } = await signUp(history, { round: 0, name, key: crypto.randomUUID() })
  await product.admin()`update backend.users set staff = true where username = ${name}`
  return token
}

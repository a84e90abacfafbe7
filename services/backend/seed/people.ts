import { randomBytes } from "node:crypto"
import type { Database } from "@airside/kernel/sql"
import { hashPassword } from "../src/accounts/passwords.ts"
import { checkRegistration, insertUser } from "../src/accounts/register.ts"
import { inBackendSchema } from "../src/schedule/in-backend-schema.ts"
import type { Person } from "./demo-people.ts"

/** A password that nobody guesses and a person can type. */
export const newPassword = (): string => randomBytes(12).toString("base64url")

/**
 * Adds a person; one with this username who is there already keeps the password and becomes staff if asked. Answers
 * what was done. Throws INVALID_REQUEST, EMAIL_TAKEN.
 */
export async function addPerson(
  database: Database,
  person: Person,
  { dryRun = false } = {},
): Promise<"added" | "made staff" | "already there"> {
  checkRegistration(person)
  const passwordHash = await hashPassword(person.password)
  return inBackendSchema(database, dryRun, async (tx) => {
    const [known] = await tx<{ staff: boolean }[]>`
      select staff from users where username_key = ${person.username.toLowerCase()}`
    if (!known) {
      await insertUser(tx, person, passwordHash, person.staff)
      return "added"
    }
    if (!person.staff || known.staff) return "already there"
    await tx`update users set staff = true where username_key = ${person.username.toLowerCase()}`
    return "made staff"
  })
}

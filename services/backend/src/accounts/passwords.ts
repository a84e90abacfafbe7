import { semaphore } from "@airside/kernel/sql"

/** argon2id takes tens of milliseconds and megabytes: two at a time leave the machine to the travellers. */
const turn = semaphore(2)

export const hashPassword = (password: string): Promise<string> => turn(() => Bun.password.hash(password, "argon2id"))

/** Takes as long for nobody as for somebody, so that the time tells no usernames. */
export function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  return turn(async () => (await Bun.password.verify(password, hash ?? (await nobodysHash))) && hash !== undefined)
}

const nobodysHash = Bun.password.hash(crypto.randomUUID(), "argon2id")

import { semaphore } from "@airside/kernel/sql"

/** argon2id takes tens of milliseconds and megabytes: two at a time leave the machine to the travellers. */
const turn = semaphore(2)

export const hashPassword = (password: string): Promise<string> => turn(() => Bun.password.hash(password, "argon2id"))

/** Takes as long for nobody as for somebody, so that the time tells no usernames. */
export function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  return turn(async () => (await Bun.password.verify(password, hash ?? (await nobodysHash))) && hash !== undefined)
}

/**
 * What stands for a password in the fingerprint of a stored answer: a digest under a key that the database does not
 * have, for a plain one could be guessed a million times faster than argon2id.
 */
export const sealPassword = (password: string, key: string): string =>
  new Bun.CryptoHasher("sha256", `password:${key}`).update(password).digest("hex")

const nobodysHash = Bun.password.hash(crypto.randomUUID(), "argon2id")

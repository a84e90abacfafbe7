/** A source of chance that can be repeated: everything that a run decides comes from one number. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly T[]): T
  uuid(): string
  /** A source of its own for a part of the run, so that what one customer decides does not depend on the others' speed. */
  fork(...names: (string | number)[]): Random
}

/** Mulberry32 (Tommy Ettinger, public domain), seeded from the SHA-256 of the names. */
export function createRandom(...names: (string | number)[]): Random {
  const name = names.join("/")
  let state = new Bun.CryptoHasher("sha256").update(name).digest().readUInt32LE(0)
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: (from) => from[below(from.length)]!,
    uuid() {
      const digits = Array.from({ length: 32 }, () => below(16).toString(16))
      digits[12] = "4"
      digits[16] = "8"
      return digits.join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
    },
    fork: (...more) => createRandom(name, ...more),
  }
}

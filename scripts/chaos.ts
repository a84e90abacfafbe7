/**
 * `bun run chaos [--seed N] [--rounds N] [--first N] [--faults a,b+c] [--json] [--keep]`: the real product under
 * customers and faults, judged by an independent checker. What is decided in a round depends on the seed and the round's
 * number alone, so a failure is replayed by `--seed N --first ROUND --rounds 1`. --faults takes names or beginnings of
 * them, `b+c` both in one round; --keep leaves the folder with the database, the logs and every answer.
 * `--break GUARD` takes that guard out of a copy of the product and expects the checker to notice. Exit codes: 0 every
 * invariant held, or the checker noticed; 1 not so, or the product did not start; 130 interrupted.
 */

import { parseArgs } from "node:util"
import { runBroken } from "./chaos/broken.ts"
import { runChaos } from "./chaos/run.ts"

const USAGE =
  "bun run chaos [--seed N] [--rounds N] [--first N] [--faults a,b+c] [--json] [--keep] | --break GUARD [--seed N]"

process.exit(await main(process.argv.slice(2)))

async function main(args: string[]): Promise<number> {
  const number = (text: string, name: string) => {
    if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number`)
    return Number(text)
  }
  try {
    const { values } = parseArgs({
      args,
      options: {
        seed: { type: "string", default: "1" },
        rounds: { type: "string", default: "10" },
        first: { type: "string", default: "1" },
        faults: { type: "string", default: "" },
        json: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        break: { type: "string" },
      },
    })
    const seed = number(values.seed, "seed")
    if (values.break) return await runBroken(values.break, { seed })
    return await runChaos({
      seed,
      rounds: number(values.rounds, "rounds"),
      first: number(values.first, "first"),
      faults: values.faults.split(",").filter(Boolean),
      json: values.json,
      keep: values.keep,
    })
  } catch (error) {
    console.error((error as Error).message)
    console.error(`usage: ${USAGE}`)
    return 1
  }
}

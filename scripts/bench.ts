/**
 * `bun run bench [--only NAME]… [--rounds N] [--seconds N] [--requests N] [--daily-flights N] [--profile PROCESS] [--json]`:
 * how fast the product is, beside what the same machine allows at most, in one table of medians; docs/performance.md
 * says how to read it. It seeds a database of its own, starts the product on ports of its own and leaves nothing but what
 * --profile asks for. --seconds is the time of every part of a round; --requests is how many are made before memory is
 * looked at again. Progress goes to standard error. Exit codes: 0 measured, whether the targets were met or not; 1 not,
 * because something failed or seats were oversold; 130 interrupted.
 */

import { parseArgs } from "node:util"
import { EVERY_PROCESS } from "./bench/product.ts"
import { type RunOptions, runBench } from "./bench/run.ts"

const USAGE =
  "usage: bun run bench [--only NAME]… [--rounds N] [--seconds N] [--requests N] [--daily-flights N] [--json]"

/** The command line is not as the usage says. */
class BadArguments extends Error {}

process.exit(await main(process.argv.slice(2)))

async function main(args: string[]): Promise<number> {
  try {
    return await runBench(readArguments(args))
  } catch (error) {
    console.error((error as Error).message)
    if (error instanceof BadArguments) console.error(USAGE)
    return 1
  }
}

function readArguments(args: string[]): RunOptions {
  try {
    const { values, positionals } = parseArgs({
      args,
      // `--only a b` is meant as `--only a --only b`.
      allowPositionals: true,
      options: {
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string", default: "3" },
        seconds: { type: "string", default: "5" },
        requests: { type: "string", default: "100000" },
        "daily-flights": { type: "string", default: "6000" },
        profile: { type: "string" },
        json: { type: "boolean", default: false },
      },
    })
    if (values.profile !== undefined && !EVERY_PROCESS.includes(values.profile)) {
      throw new Error(`--profile must be one of ${EVERY_PROCESS.join(", ")}`)
    }
    if (positionals.length > 0 && values.only.length === 0) throw new Error(`${positionals[0]} is not understood`)
    return {
      only: [...values.only, ...positionals].flatMap((names) => names.split(",")),
      rounds: wholeNumber("--rounds", values.rounds, 100),
      seconds: wholeNumber("--seconds", values.seconds, 600),
      requests: wholeNumber("--requests", values.requests, 100_000_000),
      dailyFlights: wholeNumber("--daily-flights", values["daily-flights"], 100_000),
      ...(values.profile && { profile: values.profile }),
      json: values.json,
    }
  } catch (error) {
    throw new BadArguments((error as Error).message)
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > most) {
    throw new Error(`${name} must be a whole number from 1 to ${most}`)
  }
  return number
}

import { interrupted } from "../launcher/trial.ts"
import type { Violation } from "./checker/check.ts"
import { createHistory } from "./history.ts"
import { hireStaff } from "./people.ts"
import { startProduct } from "./product.ts"
import { summarise, table } from "./report.ts"
import { type RoundResult, runRound, selectFaults } from "./round.ts"

export interface RunOptions {
  seed: number
  rounds: number
  /** Number of the first round. */
  first: number
  /** Names of faults or beginnings of them; none means all. */
  faults: string[]
  json: boolean
  keep: boolean
}

/** Runs the rounds and prints what came of them; answers the exit code. Leaves neither process nor folder. */
export async function runChaos(options: RunOptions): Promise<number> {
  const { seed, rounds, first, json, keep } = options
  const faults = selectFaults(options.faults)
  const say = (line: string) => (json ? console.error(line) : console.log(line))
  const interruption = interrupted()
  const product = await startProduct({ keep })
  try {
    return await Promise.race([interruption, runRounds()])
  } finally {
    await product.stop()
    if (keep) say(`kept: ${product.folder}`)
  }

  async function runRounds(): Promise<number> {
    const history = createHistory(product.uiUrl)
    const staffToken = await hireStaff(product, history)
    const results: RoundResult[] = []
    const violations = new Map<string, Violation>()
    for (let round = first; round < first + rounds; round++) {
      const result = await runRound({ seed, round, faults, product, history, staffToken })
      results.push(result)
      const fresh = result.violations.filter((violation) => !violations.has(nameOf(violation)))
      for (const violation of fresh) violations.set(nameOf(violation), violation)
      say(progress(result, rounds + first - 1))
      for (const { invariant, subject, detail } of fresh) say(`  BROKEN ${invariant}: ${subject}: ${detail}`)
      if (fresh.length > 0) say(`  replay: bun run chaos --seed ${seed} --first ${round} --rounds 1${named(options)}`)
    }
    const report = await summarise(product.admin(), { seed, results, violations: [...violations.values()] })
    console.log(json ? JSON.stringify({ ...report, violations: [...violations.values()] }, null, 2) : table(report))
    if (keep) await Bun.write(`${product.folder}/history.json`, JSON.stringify(history.exchanges))
    return violations.size > 0 ? 1 : 0
  }
}

const nameOf = ({ invariant, subject }: Violation) => `${invariant} ${subject}`

const named = ({ faults }: RunOptions) => (faults.length > 0 ? ` --faults ${faults.join(",")}` : "")

function progress({ round, faults, notes, requests, seconds, recoverySeconds }: RoundResult, last: number): string {
  const names = [...faults.map(({ name, count }) => `${name} ×${count}`), ...notes].join(", ")
  const slowest = Math.max(0, ...recoverySeconds).toFixed(1)
  return `round ${round}/${last}: ${names}; ${requests} requests in ${seconds.toFixed(1)} s, settled after ${slowest} s`
}

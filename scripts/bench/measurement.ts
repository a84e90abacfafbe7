import type { BenchProduct } from "./product.ts"
import type { Resources } from "./resources.ts"

/** Figures of one round, by a name that says the unit. */
export type Figures = Record<string, number>

/** One line of the table. */
export interface Row {
  name: string
  figure: number
  unit: string
  /** What was measured beside it in the same run, in the same unit. */
  limit?: { name: string; figure: number }
  /** The figure as a share of the limit. */
  ratio?: number
  /** In words; without one the line only tells. */
  target?: string
  met?: boolean
}

/** Something that `--only` can name. */
export interface Measurement {
  name: string
  prepare(bench: Bench): Promise<Prepared>
}

export interface Prepared {
  /**
   * The product and its limits, each measured once in every round; every other round takes them in the reverse order, so
   * that none is always the one that finds the machine warm.
   */
  parts: ((turn: Turn) => Promise<Figures>)[]
  /** What the product compiles first, and its limits run as long; without it a second is enough. */
  warmUpSeconds?: number
  /** It is long enough to tell in one round, and finds out by itself what a cold start is. */
  once?: true
  rows(medians: Figures): Row[]
  /** Ends what was started for these rounds alone. */
  stop?(): Promise<unknown>
}

export interface Turn {
  /** From 1; 0 is the warm-up. */
  round: number
  /** How long to measure. */
  seconds: number
}

export interface BenchOptions {
  rounds: number
  /** Of every part. */
  seconds: number
  /** Until memory is looked at again. */
  requests: number
  /** Of the usual schedule; growth has ten times as many. */
  dailyFlights: number
  /** Of the usual product, the process whose profile is written to the working folder. */
  profile?: string
}

/** What measurements work with. */
export interface Bench {
  options: BenchOptions
  resources: Resources
  /** For files that go with the run. */
  folder: string
  /** The product with the usual schedule, started when somebody first asks for it. */
  product(): Promise<BenchProduct>
  /** Progress, on standard error. */
  say(line: string): void
}

const WARM_UP_SECONDS = 1

/** Lets every part run warm, measures each in every round, and answers what the rows are made of. */
export async function measureRounds(
  bench: Bench,
  name: string,
  { parts, once, warmUpSeconds }: Prepared,
): Promise<Figures[]> {
  const { seconds } = bench.options
  const last = once ? 1 : bench.options.rounds
  const warmUp = { round: 0, seconds: warmUpSeconds ?? Math.min(seconds, WARM_UP_SECONDS) }
  if (!once) for (const part of parts) await part(warmUp)
  const all: Figures[] = []
  for (let round = 1; round <= last; round++) {
    const figures: Figures = {}
    for (const part of round % 2 === 1 ? parts : parts.toReversed()) {
      Object.assign(figures, await part({ round, seconds }))
    }
    all.push(figures)
    const words = Object.entries(figures).map(([figure, value]) => `${figure} ${shortNumber(value)}`)
    bench.say(`${name}, round ${round}/${last}: ${words.join(", ")}`)
  }
  return all
}

export function mediansOf(rounds: Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((figures) => figures[name]!))]))
}

export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Three digits that count: "12 345", "345", "3.46". */
export function shortNumber(number: number): string {
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString("en").replaceAll(",", " ")
  return String(Number(number.toPrecision(3)))
}

import { cpus } from "node:os"
import { LOAD_TOOL } from "./load-pages.ts"
import { type BenchOptions, type Figures, type Row, shortNumber } from "./measurement.ts"

export interface Report {
  machine: { cores: number; processor: string; bun: string; loadTool: string; time: string }
  options: BenchOptions
  rows: Row[]
  /** Every round's figures by measurement: the rows are made of their medians. */
  rounds: Record<string, Figures[]>
}

export function describeMachine(): Report["machine"] {
  const all = cpus()
  return {
    cores: all.length,
    processor: all[0]?.model.trim() ?? "unknown",
    bun: Bun.version,
    loadTool: LOAD_TOOL,
    time: new Date().toISOString(),
  }
}

const HEADINGS = ["", "figure", "", "limit", "", "ratio", "target", "met"]
/** Columns of numbers stand at the right. */
const RIGHT = [false, true, false, true, false, true, false, false]

/** One table for people; its first line says where and how it was measured. */
export function table({ machine, options, rows }: Report): string {
  const cells = rows.map(({ name, figure, unit, limit, ratio, target, met }) => [
    name,
    shortNumber(figure),
    unit,
    limit ? shortNumber(limit.figure) : "",
    limit?.name ?? "",
    ratio === undefined ? "" : ratio.toFixed(2),
    target ?? "",
    met === undefined ? "" : met ? "yes" : "NO",
  ])
  const lines = [HEADINGS, ...cells]
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const text = lines.map((line) =>
    line
      .map((cell, column) => (RIGHT[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  )
  const { cores, processor, bun, loadTool, time } = machine
  const rounds = `medians of ${options.rounds} ${options.rounds === 1 ? "round" : "rounds"} of ${options.seconds} s`
  const flights = `${shortNumber(options.dailyFlights)} daily flights`
  return [`${cores} × ${processor}, Bun ${bun}, ${loadTool}; ${rounds}; ${flights}; ${time}`, ...text].join("\n")
}

import { join } from "node:path"
import type { Bench } from "./measurement.ts"

export interface PageLoad {
  requests: number
  perSecond: number
  p50Milliseconds: number
  p99Milliseconds: number
}

export interface PageOptions {
  /** Without a path. */
  url: string
  /** Asked for again and again, or each once in this order. */
  paths: string[]
  seconds: number
}

const CONNECTIONS = 16

/** wrk where it is installed (Debian's package), which costs least itself; autocannon elsewhere. */
export const LOAD_TOOL = Bun.which("wrk") ? "wrk" : "autocannon"

/**
 * Asks for pages over 16 connections. Throws when one of them is no success, and when the paths run out: a page would
 * be asked for twice.
 */
export async function loadPages(bench: Bench, { url, paths, seconds }: PageOptions): Promise<PageLoad> {
  const [first = "/"] = paths
  const list = join(bench.folder, "paths.txt")
  if (paths.length > 1) await Bun.write(list, `${paths.join("\n")}\n`)
  const lists = paths.length > 1 ? [list] : []
  const child = bench.resources.spawn(
    LOAD_TOOL === "wrk"
      ? [
          ...["wrk", "--threads", "1", "--connections", String(CONNECTIONS), "--duration", `${seconds}s`],
          ...["--timeout", "15s", "--script", join(import.meta.dir, "wrk.lua"), url + first, "--", ...lists],
        ]
      : [process.execPath, join(import.meta.dir, "autocannon-load.ts"), url + first, String(seconds), ...lists],
  )
  const output = await new Response(child.stdout).text()
  const line = output.split("\n").find((each) => each.startsWith("{"))
  if ((await child.exited) !== 0 || !line) throw new Error(`${LOAD_TOOL} did not measure ${url}: ${output}`)
  const { requests, failed, seconds: elapsed, p50, p99 } = JSON.parse(line) as Record<string, number>
  if (failed! > 0) throw new Error(`${failed} of ${requests} answers of ${url}${first} and its like were no success`)
  if (paths.length > 1 && requests! > paths.length) throw new Error(`more than ${paths.length} pages were asked for`)
  return { requests: requests!, perSecond: requests! / elapsed!, p50Milliseconds: p50!, p99Milliseconds: p99! }
}

export { CONNECTIONS as PAGE_CONNECTIONS }

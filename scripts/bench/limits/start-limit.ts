import { join } from "node:path"
import type { Bench } from "../measurement.ts"

/** A server beside the product that shows what the same machine allows at most. */
export interface Limit {
  port: number
  stop(): Promise<unknown>
}

/** Starts a server of this folder, which prints its port when it serves. */
export async function startLimit(bench: Bench, script: string, ...args: string[]): Promise<Limit> {
  const child = bench.resources.spawn([process.execPath, join(import.meta.dir, script), ...args])
  const reader = child.stdout.getReader()
  let output = ""
  while (!output.includes("\n")) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`${script} did not start`)
    output += new TextDecoder().decode(value)
  }
  return {
    port: Number(output),
    stop() {
      child.kill("SIGKILL")
      return child.exited
    },
  }
}

/** Runs a script (a path from here) to its end and answers the JSON that it prints. */
export async function runChild<T>(
  bench: Bench,
  script: string,
  args: string[],
  environment: Record<string, string> = {},
): Promise<T> {
  const command = [process.execPath, "--no-env-file", join(import.meta.dir, script), ...args]
  const child = bench.resources.spawn(command, { env: { ...process.env, ...environment } })
  const output = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error(`${script} failed`)
  return JSON.parse(output) as T
}

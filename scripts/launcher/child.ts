import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { ROOT } from "./settings.ts"

/** Something the supervisor keeps running: one of Airside's processes, or PostgreSQL. */
export type Running = {
  /** Resolves when it ends, for whatever reason. */
  ended: Promise<Ending>
  /** Asks it to drain and leave. */
  stop: () => void
  /** Ends it at once, with all that it started. */
  kill: () => void
}
export type Ending = { code: number | null; how: string; lastLines: string[] }

/** `script` is a path from the repository's root. */
export type Command = { name: string; script: string; args?: string[]; environment: Record<string, string> }

/**
 * Starts a script with this very Bun, in a process group of its own, so that Ctrl-C in a terminal reaches the launcher
 * alone and the order of stopping is the launcher's. The IPC channel is how the child learns that the launcher is gone.
 */
export function startChild({ name, script, args = [], environment }: Command, print: (line: string) => void): Running {
  const child = spawn(process.execPath, ["--no-env-file", join(ROOT, script), ...args], {
    cwd: ROOT,
    env: { ...inherited(), ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  })
  const lastLines: string[] = []
  const drained = [child.stdout!, child.stderr!].map(
    (output) =>
      new Promise<void>((resolve) => {
        const lines = createInterface({ input: output })
        lines.on("line", (line) => {
          const text = readable(line)
          lastLines.push(text)
          if (lastLines.length > 15) lastLines.shift()
          print(`${name} | ${text}`)
        })
        lines.on("close", resolve)
      }),
  )
  const ended = new Promise<Ending>((resolve) => {
    child.once("error", (error) => resolve({ code: null, how: error.message, lastLines }))
    child.once("exit", async (code, signal) => {
      await Promise.race([Promise.all(drained), Bun.sleep(200)])
      resolve({ code, how: code === null ? `signal ${signal}` : `exit code ${code}`, lastLines })
    })
  })
  return { ended, stop: () => child.kill("SIGTERM"), kill: () => killGroup(child) }
}

/** What every program needs from its surroundings, and nothing of the settings. */
function inherited(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "LANG", "HTTPS_PROXY", "NO_PROXY", "NODE_EXTRA_CA_CERTS"]
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

/** One line for a person out of pino's JSON; any other line as it is. */
export function readable(line: string): string {
  if (!line.startsWith("{")) return line
  try {
    const { level, time: _time, name: _name, msg, err, ...facts } = JSON.parse(line)
    const severity = level >= 60 ? "FATAL " : level >= 50 ? "ERROR " : level >= 40 ? "WARN " : ""
    const details = Object.entries(facts).map(
      ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    )
    return [severity + (msg ?? ""), ...details, err?.stack ?? err?.message].filter(Boolean).join("  ")
  } catch {
    return line
  }
}

function killGroup(child: ChildProcess) {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, "SIGKILL")
  } catch {
    // the group is gone
  }
}

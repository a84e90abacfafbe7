import { rmSync } from "node:fs"
import { KEEPS_MEMORY } from "../launcher/processes.ts"
import { ROOT } from "../launcher/settings.ts"

/** What a run has started and must not leave behind. */
export interface Resources {
  /** Keeps what ends something. When the run is over already, it is ended at once and this throws. */
  add(end: () => unknown): void
  /** A program of this run, killed with it. Its standard error is the run's. */
  spawn(command: string[], options?: { env?: Record<string, string | undefined> }): Child
  /** Removed when everything else has ended. */
  addFolder(path: string): void
  /** Ends everything, the youngest first, and waits for `work`, which cannot begin anything new from then on. */
  end(work?: Promise<unknown>): Promise<void>
}

export type Child = Bun.Subprocess<"ignore", "pipe", "inherit">

const PATIENCE_MILLISECONDS = 15_000

export function createResources(): Resources {
  const open: (() => unknown)[] = []
  const late: Promise<unknown>[] = []
  const folders: string[] = []
  let over = false
  const resources: Resources = {
    add(end) {
      if (!over) return void open.push(end)
      late.push(Promise.try(end))
      throw new Error("the run is over")
    },
    spawn(command, { env = process.env } = {}) {
      // The channel is how a script of ours learns that the run is gone.
      const ipc = command[0] === process.execPath ? { ipc() {} } : {}
      const child = Bun.spawn(command, {
        // Where Bun finds how JSX is compiled, wherever the command was typed.
        cwd: ROOT,
        // The limits as what they are held against.
        env: { ...KEEPS_MEMORY, ...env },
        stdin: "ignore",
        stdout: "pipe",
        stderr: "inherit",
        ...ipc,
      })
      resources.add(() => {
        child.kill("SIGKILL")
        return child.exited
      })
      return child
    },
    addFolder: (path) => void folders.push(path),
    async end(work = Promise.resolve()) {
      over = true
      while (open.length > 0) await Promise.try(open.pop()!).catch(() => {})
      await Promise.race([work.catch(() => {}), Bun.sleep(PATIENCE_MILLISECONDS)])
      await Promise.allSettled(late)
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  }
  return resources
}

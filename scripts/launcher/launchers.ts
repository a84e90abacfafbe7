import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { basename } from "node:path"

type Process = { pid: number; parent: number; words: string[] }

/**
 * Calls `gone` once when `bun run` or `npx`, through which this process was started, is no longer there. Their death
 * says nothing to their children: `kill` on npx would leave Airside running without anyone to stop it. A shell or a
 * service manager is no launcher: whoever starts Airside from one in the background means it to stay.
 */
export function whenLauncherIsGone(gone: () => void): void {
  const chain = launchers()
  if (chain.length === 0) return
  const links = [process.pid, ...chain.map(({ pid }) => pid)].slice(0, -1).map((child, i) => [child, chain[i]!.pid])
  const watch = setInterval(() => {
    const intact = links.every(([child, parent]) => inspect(child!)?.parent === parent)
    if (intact) return
    clearInterval(watch)
    gone()
  }, 250)
  watch.unref()
}

/** The ancestors that are launchers, nearest first, with the shells between them. */
function launchers(): Process[] {
  const chain: Process[] = []
  let end = 0
  for (let next = inspect(process.ppid); next && next.pid > 1; next = inspect(next.parent)) {
    if (!isLauncher(next) && !isScriptShell(next)) break
    chain.push(next)
    if (isLauncher(next)) end = chain.length
  }
  return chain.slice(0, end)
}

/** npm overwrites its command line by one word such as `npm exec bun@1.4.5 run start`. */
function isLauncher({ words }: Process): boolean {
  const name = basename(words[0]?.split(" ")[0] ?? "")
  return /^(bun|bunx|npm|npx|node|bun\.exe)$/.test(name)
}

const isScriptShell = ({ words }: Process) => /^(sh|bash|dash)$/.test(basename(words[0] ?? "")) && words[1] === "-c"

function inspect(pid: number): Process | undefined {
  try {
    if (process.platform !== "linux") {
      const line = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], { encoding: "utf8" }).trim()
      const [parent, ...words] = line.split(/\s+/)
      return { pid, parent: Number(parent), words }
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8") // pid (name) state parent …
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
    return { pid, parent, words: readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0") }
  } catch {
    return undefined // it has ended
  }
}

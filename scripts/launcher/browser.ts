import { existsSync, readdirSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"

/** The browser for the journeys: its program, or why there is none. */
export type Browser = { program: string; version: string } | { missing: string }

/**
 * Finds Chromium or Chrome: `CHROMIUM`, the PATH, the usual places, playwright's cache. With `install`, root on Debian
 * gets it from apt when there is none.
 */
export function findBrowser({ install = false } = {}): Browser {
  const named = process.env.CHROMIUM
  if (named) return check(named) ?? { missing: `CHROMIUM names ${named}, and no browser starts from there` }
  const found = candidates().map(check).find(Boolean)
  if (found) return found
  const canInstall = process.getuid?.() === 0 && existsSync("/etc/debian_version") && Bun.which("apt-get")
  if (install && canInstall) {
    console.log("installing chromium …")
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    for (const words of [
      ["apt-get", "-qq", "update"],
      ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium"],
    ]) {
      const step = Bun.spawnSync(words, { env: environment, stdin: "ignore", stdout: "ignore", stderr: "inherit" })
      if (!step.success) return { missing: `"${words.join(" ")}" failed` }
    }
    return check("/usr/bin/chromium") ?? { missing: "the chromium of this system's packages does not start" }
  }
  return { missing: "no Chromium or Chrome was found: install one, or name one by CHROMIUM" }
}

function candidates(): string[] {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
  const fromPath = names.map((name) => Bun.which(name)).filter((path) => path !== null)
  const usual = [
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ]
  return [...fromPath, ...usual.filter(existsSync), ...fromPlaywright()]
}

function fromPlaywright(): string[] {
  const cache =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    join(homedir(), process.platform === "darwin" ? "Library/Caches/ms-playwright" : ".cache/ms-playwright")
  if (!existsSync(cache)) return []
  const builds = readdirSync(cache).filter((name) => name.startsWith("chromium"))
  const programs = new Bun.Glob(
    "chrome*/{chrome,headless_shell,chrome-headless-shell,Chromium.app/Contents/MacOS/Chromium}",
  )
  return builds.flatMap((build) =>
    [...programs.scanSync({ cwd: join(cache, build) })].map((program) => join(cache, build, program)),
  )
}

/** A program that is there may be a stub that only says how to install the real one. */
function check(program: string): { program: string; version: string } | undefined {
  try {
    const run = Bun.spawnSync([program, "--version"], { stdin: "ignore", stderr: "ignore", timeout: 20_000 })
    const version = run.stdout.toString().trim()
    return run.success && /chrom/i.test(version) ? { program, version } : undefined
  } catch {
    return undefined
  }
}

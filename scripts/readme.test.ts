import { afterAll, beforeAll, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { SETTINGS, type Setting, type SettingName } from "@airside/kernel/config"
import { startWorld, type World } from "@airside/kernel/testing"
import { ROOT, WEB_PORTS } from "./launcher/settings.ts"

const readme = readFileSync(join(ROOT, "README.md"), "utf8")
const PORTS = ["UI_PORT", "BACKEND_PORT", "PAYMENT_PORT", "LOYALTY_PORT", "SANDBOX_PORT", "DATABASE_PORT"] as const
/** Also those that the launcher fills in. */
const defaultOf = (name: SettingName) =>
  (SETTINGS[name] as Setting<unknown>).default ?? String(WEB_PORTS[name as keyof typeof WEB_PORTS])

/** Commands that README shows, and lines that it says they print among others. */
interface Example {
  heading: string
  commands: string
  prints: string[]
}

const EXAMPLES: Example[] = readme.split(/^#+ /m).flatMap((section) =>
  [...section.matchAll(/```sh\n([\s\S]*?)```\n+```text\n([\s\S]*?)```/g)].map(([, commands, prints]) => ({
    heading: section.split("\n")[0]!,
    commands: commands!,
    prints: prints!.trimEnd().split("\n"),
  })),
)

let world: World

beforeAll(async () => {
  world = await startWorld()
  await world.run("db-seed", "--daily-flights", "300")
  await world.run("seed-demo")
})

afterAll(() => world.stop())

for (const [index, { heading, commands, prints }] of EXAMPLES.entries()) {
  test(`${heading}, example ${index + 1}: the commands work and print what README says`, async () => {
    const run = Bun.spawn(["bash", "-euo", "pipefail", "-c", script(commands)], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...world.environment },
      stdout: "pipe",
      stderr: "pipe",
    })
    const [output, errors] = await Promise.all([new Response(run.stdout).text(), new Response(run.stderr).text()])
    expect([await run.exited, errors]).toEqual([0, ""])
    for (const line of prints) expect(output).toContain(line)
  })
}

/** The commands against this world: its ports, this very Bun, and the token that README gets once. */
function script(commands: string): string {
  const logIn = EXAMPLES.find((example) => /^token=/m.test(example.commands))!.commands
  const whole = commands.includes("$token") && commands !== logIn ? `${logIn}\n${commands}` : commands
  const moved = [...PORTS, "BACKEND_WEB_PORT" as const].reduce(
    (text, port) => text.replaceAll(`:${defaultOf(port)}`, `:${world.environment[port]}`),
    whole,
  )
  return moved
    .replaceAll("bunx buf", `"${process.execPath}" x buf`)
    .replaceAll(/\bbun (?=run|-p)/g, `"${process.execPath}" `)
    .replaceAll("curl 'http", "curl --silent --show-error --fail 'http")
}

interface Shown {
  port: string
  /** "list", or a method with its package. */
  asks: string
  data: string
  withToken: boolean
}

/** The calls that README shows for a program, whose lines may be continued. */
function shown(program: "buf curl" | "grpcurl"): Shown[] {
  const lines = readme.replaceAll(/\\\n\s*/g, "").split("\n")
  return lines
    .filter((line) => line.includes(`${program} -`))
    .map((line) => {
      const [, port = "", asks = ""] = /localhost:(\d+)[/ ]?([\w./]*)/.exec(line)!
      const [, data = ""] = /-d (.*?) (?:http:\/\/)?localhost/.exec(line) ?? []
      return { port, asks: asks || "list", data, withToken: line.includes("Bearer $token") }
    })
}

test("every service is shown with what there is, its health and a call with a token", () => {
  for (const port of ["BACKEND_PORT", "PAYMENT_PORT", "LOYALTY_PORT"] as const) {
    const calls = shown("buf curl").filter((call) => call.port === defaultOf(port))
    expect(calls.map(({ asks }) => asks)).toEqual(expect.arrayContaining(["list", "grpc.health.v1.Health/Check"]))
    expect(calls.filter(({ withToken }) => withToken)).toHaveLength(1)
  }
})

// grpcurl itself is not installed everywhere; what it is told is what buf curl is told, and that was run above.
test("grpcurl asks for the same", () => {
  const calls = shown("grpcurl")
  const byGrpc = shown("buf curl").filter(({ port }) => port !== defaultOf("BACKEND_WEB_PORT"))
  expect(calls).toEqual(byGrpc.filter(({ asks }) => !asks.endsWith("/SearchFlights")))
  expect(calls).toHaveLength(13)
})

test("every script of package.json has its line, and no other", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>
  }
  const table = /^\| script +\|[\s\S]*?\n\n/m.exec(readme)![0]
  const first = table
    .split("\n")
    .slice(2)
    .flatMap((line) => (line.split(" | ")[0] ?? "").split("·"))
  const named = first.flatMap((cell) => /`([\w:-]+)/.exec(cell)?.[1] ?? [])
  expect(named.toSorted()).toEqual(Object.keys(scripts).toSorted())
})

test("every setting that is named exists, and ports are what they are said to be", () => {
  const table = /^\| setting +\|[\s\S]*?\n\n/m.exec(readme)![0]
  const named = [...table.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name]) => name!)
  expect(named.filter((name) => !(name in SETTINGS))).toEqual([])
  for (const port of PORTS) expect(readme).toContain(`| ${defaultOf(port)} | `)
})

test("every link leads to a file", () => {
  for (const document of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]) {
    const text = readFileSync(join(ROOT, document), "utf8")
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path!)
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  }
})

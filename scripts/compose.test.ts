import { afterAll, beforeAll, expect, test } from "bun:test"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseEnv } from "node:util"
import { readConfig, SETTINGS, type Setting, type SettingName } from "@airside/kernel/config"
import { freePorts, startWorld, type World } from "@airside/kernel/testing"
import { PROCESSES } from "./launcher/processes.ts"
import { ROOT } from "./launcher/settings.ts"

interface ComposeService {
  image?: string
  build?: { context: string; dockerfile: string; target: string; args: { SERVICE: string } }
  command?: string[]
  environment: Record<string, string | number | null>
  ports?: string[]
  profiles?: string[]
  depends_on?: Record<string, { condition: string; required?: boolean }>
  healthcheck?: { test: string[] }
}

const text = readFileSync(join(ROOT, "docker-compose.yml"), "utf8")
const { services } = Bun.YAML.parse(text) as { services: Record<string, ComposeService> }
const dockerfile = readFileSync(join(ROOT, "services/Dockerfile"), "utf8")
const serviceOf = (name: string) => services[name === "stripe-sandbox" ? name : `${name}-service`]!
const defaultOf = (name: SettingName) => (SETTINGS[name] as Setting<unknown>).default!
const isTls = (name: string) => name.startsWith("TLS_")

let folder: string
let world: World
/** What README's command writes for `docker compose --env-file`. */
let made: Record<string, string>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "airside-compose-"))
  made = await makeKeys()
  world = await startWorld()
})

afterAll(async () => {
  await world.stop()
  rmSync(folder, { recursive: true })
})

async function makeKeys(): Promise<Record<string, string>> {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8")
  const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!)
  const command = blocks.filter((block) => block.includes("> .data/compose.env")).join("")
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: folder }
  const run = Bun.spawnSync(["bash", "-euc", command.replaceAll(".data/", `${folder}/`)], {
    cwd: ROOT,
    env,
    stderr: "inherit",
  })
  expect(run.exitCode).toBe(0)
  return parseEnv(readFileSync(join(folder, "compose.env"), "utf8")) as Record<string, string>
}

/** A value as Compose hands it on: `${NAME}`, `${NAME:-default}` and `${NAME:?message}`, also one in another. */
function interpolate(value: string, given: Record<string, string | undefined>): string {
  const inner = /\$\{(\w+)(?::([-?])([^{}]*))?\}/
  for (let match = inner.exec(value); match; match = inner.exec(value)) {
    const [whole, name = "", kind, rest = ""] = match
    if (!given[name] && kind === "?") throw new Error(`${name} is missing: ${rest}`)
    value = value.replace(whole, given[name] || (kind === "-" ? rest : ""))
  }
  return value
}

/** A service's environment as its container sees it. A name without a value passes on what was given. */
function environmentOf(service: ComposeService, given: Record<string, string | undefined>): Record<string, string> {
  const values = Object.entries(service.environment).map(([name, value]) => [
    name,
    value === null ? given[name] : interpolate(String(value), given),
  ])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

for (const { name, settings, runtime = {}, port, script, health } of PROCESSES) {
  test(`${name} is given what it reads, and nothing else`, () => {
    const expected = settings.filter((setting) => !isTls(setting))
    const all = [...expected, ...Object.keys(runtime)]
    expect(Object.keys(serviceOf(name).environment).toSorted()).toEqual(all.toSorted())
    const given = environmentOf(serviceOf(name), { ...made, ...runtime })
    expect(given).toMatchObject(runtime)
    expect(readConfig(expected, given)).toMatchObject({ HOST: "0.0.0.0", [port]: Number(defaultOf(port)) })
  })

  test(`${name} is published on this machine alone, under the port that its setting names`, () => {
    const inside = defaultOf(port)
    expect(serviceOf(name).ports).toEqual([`127.0.0.1:\${${port}:-${inside}}:${inside}`])
  })

  test(`${name}'s image holds all that it needs to start, and runs as nobody special`, async () => {
    const { target, args } = serviceOf(name).build!
    expect(script).toBe(`${args.SERVICE}/src/main.ts`)
    const image = buildImage(args.SERVICE, target)
    // Production without any setting: each process says what it lacks, the sandbox that it does not belong there.
    const { code, errors } = await start(image, [script], { NODE_ENV: "production" })
    expect(code).toBe(1)
    for (const line of errors.trim().split("\n")) expect(line).toMatch(/is not set: |NODE_ENV is production: /)
    const unset = [...errors.matchAll(/^(\w+) is not set/gm)].map((match) => match[1]!)
    expect(unset.filter((setting) => !(setting in environmentOf(serviceOf(name), made)))).toEqual([])
  })

  test(`${name}'s health check tells a process that serves from none`, async () => {
    const [kind, ...words] = serviceOf(name).healthcheck!.test
    expect([kind, words[0]]).toEqual(["CMD", "bun"])
    expect(words.at(-1)).toContain(health === "grpc" ? "grpcIsServing" : health)
    const ask = (at: string) =>
      start(
        ROOT,
        words.slice(1).map((word) => word.replace(`:${defaultOf(port)}`, `:${at}`)),
      )
    expect((await ask(world.environment[port]!)).code).toBe(0)
    expect((await ask(String(freePorts(1)[0]))).code).toBe(1)
  })
}

test("clients look for each service where it listens", () => {
  for (const { environment } of Object.values(services)) {
    for (const name of ["backend", "payment", "loyalty"] as const) {
      const port = serviceOf(name).environment[`${name.toUpperCase()}_WEB_PORT`]
      const address = environment[`${name.toUpperCase()}_ADDRESS`]
      if (address) expect(address).toBe(`http://${name}-service:${port}`)
    }
  }
  expect(made.STRIPE_API_BASE).toBe(`http://stripe-sandbox:${defaultOf("SANDBOX_PORT")}`)
  const { SANDBOX_WEBHOOK_URL } = services["stripe-sandbox"]!.environment
  expect(SANDBOX_WEBHOOK_URL).toBe(`http://ui-service:${defaultOf("UI_PORT")}/api/payments/webhook`)
})

test("the database is the one that the roles are made in, by the administrator that it is made with", () => {
  const { database, migrate } = services
  const server = environmentOf(database!, made)
  const administrator = new URL(environmentOf(migrate!, made).DATABASE_URL!)
  expect(database!.ports).toEqual([`127.0.0.1:\${DATABASE_PORT:-5432}:5432`])
  expect(administrator.host).toBe("database:5432")
  expect(administrator.pathname).toBe(`/${server.POSTGRES_DB}`)
  expect([administrator.username, administrator.password]).toEqual([server.POSTGRES_USER!, server.POSTGRES_PASSWORD!])
  for (const name of ["BACKEND", "PAYMENT", "LOYALTY"]) {
    const role = new URL(made[`${name}_DATABASE_URL`]!)
    expect([role.host, role.pathname]).toEqual([administrator.host, administrator.pathname])
    expect(role.username).toBe(name.toLowerCase())
  }
})

test("the operator's scripts start from their image and are given settings only", async () => {
  for (const name of ["migrate", "seed"]) {
    const service = services[name]!
    const image = buildImage(service.build!.args.SERVICE, service.build!.target)
    const [, script] = service.command ?? JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)![1]!)
    const { code, errors } = await start(image, [script, "--no-such-option"])
    expect([code, errors]).toEqual([1, expect.stringContaining("usage: bun run")])
    const names = Object.keys(service.environment) as SettingName[]
    expect(names.filter((setting) => !(setting in SETTINGS))).toEqual([])
    expect(() => readConfig(names, environmentOf(service, made))).not.toThrow()
  }
  expect(services.seed!.profiles).toEqual(["seed"])
  expect(services["stripe-sandbox"]!.profiles).toEqual(["sandbox"])
})

test("everybody waits for what PROCESSES says, and for the migrations", () => {
  const names: Record<string, string> = { database: "migrate", "stripe-sandbox": "stripe-sandbox" }
  for (const { name, needs } of PROCESSES) {
    const waits = Object.keys(serviceOf(name).depends_on ?? {})
    expect(waits).toEqual(expect.arrayContaining(needs.map((need) => names[need] ?? `${need}-service`)))
  }
  for (const [waiter, { depends_on = {} }] of Object.entries(services)) {
    for (const [name, { condition, required }] of Object.entries(depends_on)) {
      const isTask = name === "migrate"
      expect([waiter, name, condition]).toEqual([
        waiter,
        name,
        isTask ? "service_completed_successfully" : "service_healthy",
      ])
      if (!isTask) expect(services[name]!.healthcheck).toBeDefined()
      // A service behind a profile may be left out.
      expect(required ?? true).toBe(services[name]!.profiles === undefined)
    }
  }
})

test(".dockerignore leaves out everything but what the Dockerfile copies", () => {
  const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n")
  const kept = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1))
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths]) => paths!.split(" "))
  const tops = copied.filter((path) => path !== "$SERVICE").map((path) => path.split("/")[0]!)
  expect(lines.find((line) => !line.startsWith("#"))).toBe("*")
  expect(kept.toSorted()).toEqual([...new Set(tops)].toSorted())
})

test("images are pinned, and no secret is written down", () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1]!)
  expect(new Set(bases)).toEqual(new Set([`oven/bun:${engines.bun}-slim`, "process"]))
  expect(services.database!.image).toBe("postgres:18")
  expect([...dockerfile.matchAll(/^USER (\S+)/gm)].map((match) => match[1])).toEqual(["bun"])
  const secrets = (Object.keys(SETTINGS) as SettingName[]).filter((name) => "secret" in SETTINGS[name])
  for (const { environment } of Object.values(services)) {
    for (const name of secrets) expect(environment[name] ?? "${").toContain("${")
    expect(() => environmentOf({ environment }, { ...made, POSTGRES_PASSWORD: "given" })).not.toThrow()
  }
  expect(() => environmentOf(services["payment-service"]!, {})).toThrow("is missing")
})

const compose = Bun.spawnSync(["docker", "compose", "version"], { stdout: "ignore", stderr: "ignore" })

test.skipIf(!compose.success)("docker compose itself understands the file", async () => {
  const words = ["compose", "--env-file", join(folder, "compose.env"), "--profile", "*", "config", "--quiet"]
  const config = Bun.spawnSync(["docker", ...words], { cwd: ROOT, stderr: "pipe" })
  expect(config.stderr.toString()).toBe("")
  expect(config.exitCode).toBe(0)
})

/** Follows the Dockerfile's COPY and `RUN bun install` as far as `target`; answers the folder. */
function buildImage(service: string, target: string): string {
  const image = join(folder, `${target}-${service.replaceAll("/", "-")}`)
  const stages = dockerfile.split(/^FROM .* AS /m).slice(1)
  for (const stage of stages) {
    for (const [, words] of stage.matchAll(/^COPY (?!--from)(.*)$/gm)) {
      const paths = words!.replaceAll("$SERVICE", service).split(" ")
      const to = paths.pop()!
      for (const path of paths) copy(path, join(image, to.endsWith("/") ? join(to, path.split("/").at(-1)!) : to))
    }
    const install = /^RUN (bun install .*)$/m.exec(stage)?.[1]
    if (install) {
      const run = Bun.spawnSync(["bash", "-c", install], { cwd: image, env: { ...process.env, SERVICE: service } })
      expect(run.exitCode).toBe(0)
    }
    if (stage.startsWith(target)) break
  }
  return image
}

/** As .dockerignore lets it through. */
function copy(path: string, to: string) {
  mkdirSync(join(to, ".."), { recursive: true })
  const filter = (source: string) => !/node_modules|\.data|\.test\.tsx?$|\/test$/.test(source.slice(ROOT.length))
  cpSync(join(ROOT, path), to, { recursive: true, filter })
}

async function start(cwd: string, words: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...environment }
  const child = Bun.spawn([process.execPath, "--no-env-file", ...words], { cwd, env, stdout: "ignore", stderr: "pipe" })
  const errors = await new Response(child.stderr).text()
  return { code: await child.exited, errors }
}

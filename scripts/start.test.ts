import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePorts, until } from "@airside/kernel/testing"

const ROOT = join(import.meta.dir, "..")
const dataDir = mkdtempSync(join(tmpdir(), "airside-start-"))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const [ui, backend, payment, loyalty, sandbox, database, secondBackend, ...web] = freePorts(10)
const environment = {
  ...process.env,
  DATA_DIR: dataDir,
  UI_PORT: String(ui),
  BACKEND_PORT: String(backend),
  PAYMENT_PORT: String(payment),
  LOYALTY_PORT: String(loyalty),
  BACKEND_WEB_PORT: String(web[0]),
  PAYMENT_WEB_PORT: String(web[1]),
  LOYALTY_WEB_PORT: String(web[2]),
  SANDBOX_PORT: String(sandbox),
  DATABASE_PORT: String(database),
  NODE_ENV: "development",
  LOG_LEVEL: "warn",
}

test("bad settings are all named at once, and nothing is started", async () => {
  const { code, output } = await run({ UI_PORT: "eighty", HOLD_SECONDS: "never" })
  expect(code).toBe(1)
  expect(output).toContain("UI_PORT must be a whole number")
  expect(output).toContain("HOLD_SECONDS must be a whole number")
})

test("a busy port is one line that says which and what moves it", async () => {
  const other = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() })
  const { port } = other
  const { code, output } = await run({ BACKEND_PORT: String(port) })
  await other.stop(true)
  expect(code).toBe(1)
  expect(output).toEndWith(`port ${port} is busy: another program listens there; set BACKEND_PORT to another one\n`)
})

// What runs is counted through /proc.
describe.skipIf(process.platform !== "linux")("from an empty data folder", () => {
  let first: Airside
  beforeAll(async () => {
    first = await start()
  }, 60_000)
  afterAll(() => first.process.kill("SIGKILL"))

  test("it serves pages, and says where", async () => {
    expect(first.output()).toContain(`http://localhost:${ui}`)
    const page = await fetch(`http://127.0.0.1:${ui}/`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain("</html>")
  })

  test("it adds a demo traveller, and says how to log in", async () => {
    const logIn = () => /log in as demo or staff with the password (\S+)/.exec(first.output())
    const [, password] = await until(async () => logIn() ?? undefined, 25, "the demo people")
    const answer = await fetch(`http://127.0.0.1:${ui}/api/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "demo", password }),
    })
    expect(answer.status).toBe(200)
  })

  test("a second start on the same data folder says that it runs already", async () => {
    const { code, output } = await run({})
    expect(code).toBe(1)
    expect(output).toContain(`Airside runs already on the data folder ${dataDir}`)
    expect(output).toContain(`http://localhost:${ui}`)
  })

  test("when `bun run` is killed, everything leaves within 5 s", async () => {
    const pids = descendants(first.process.pid)
    expect(pids.length).toBeGreaterThan(6)
    first.process.kill("SIGKILL")
    await until(async () => pids.every(isGone), 5, "the last process's end")
  })

  test("a later start is quick, keeps the data, and SIGTERM ends it with exit code 0", async () => {
    const second = await start()
    expect(second.output()).not.toMatch(/^(database|db-seed|seed-demo) \|/m)
    const [, ...pids] = descendants(second.process.pid)
    process.kill(pids[0]!, "SIGTERM")
    await until(async () => pids.every(isGone), 5, "the last process's end")
    expect(await second.process.exited).toBe(0)
  }, 60_000)

  test("when the launcher itself is killed, its children still drain and leave within 5 s", async () => {
    const airside = await start()
    const [, launcher, ...pids] = descendants(airside.process.pid)
    process.kill(launcher!, "SIGKILL")
    await until(async () => pids.every(isGone), 5, "the last process's end")
  }, 60_000)

  test("with RESTART=on one of two backends may be told to leave: it comes back, and searches go on", async () => {
    const airside = await start({ RESTART: "on", FURTHER_BACKEND_PORTS: String(secondBackend) })
    const date = Temporal.Now.plainDateISO("UTC").add({ days: 60 })
    const url = `http://127.0.0.1:${ui}/api/flights/search?origin=LHR&destination=JFK&depart_date=${date}`
    const search = async () => expect((await fetch(url)).status).toBe(200)
    for (const name of ["backend", "backend-2"]) {
      const [, ...pids] = descendants(airside.process.pid)
      const backends = pids.filter((pid) => commandOf(pid).includes("services/backend/src/main.ts"))
      expect(backends).toHaveLength(2)
      process.kill(backends[0]!, "SIGTERM") // the one that runs longer
      await until(
        async () => {
          await search()
          return airside.output().includes(`${name} is ready again`)
        },
        20,
        `${name}'s return`,
      )
    }
    const [, ...pids] = descendants(airside.process.pid)
    airside.process.kill("SIGKILL")
    await until(async () => pids.every(isGone), 5, "the last process's end")
  }, 60_000)

  test("a process that dies is named, takes the rest down, and the exit code is 1", async () => {
    const third = await start()
    const [, ...pids] = descendants(third.process.pid)
    const victim = pids.find((pid) => commandOf(pid).includes("services/loyalty/src/main.ts"))!
    process.kill(victim, "SIGKILL")
    await until(async () => pids.every(isGone), 6, "the last process's end")
    expect(await third.process.exited).toBe(1)
    await third.read
    expect(third.output()).toContain("loyalty died (signal SIGKILL)")
  }, 60_000)
})

type Airside = { process: Bun.Subprocess; output: () => string; read: Promise<unknown> }

function launch(settings: Record<string, string>): Airside {
  const child = Bun.spawn([process.execPath, "run", "start"], {
    cwd: ROOT,
    env: { ...environment, ...settings },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  })
  let text = ""
  const read = async (output: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder()
    for await (const chunk of output) text += decoder.decode(chunk, { stream: true })
  }
  return { process: child, output: () => text, read: Promise.all([child.stdout, child.stderr].map(read)) }
}

async function start(settings: Record<string, string> = {}): Promise<Airside> {
  const airside = launch(settings)
  const ready = async () => {
    if (airside.process.exitCode !== null) throw new Error(`it ended: ${airside.output()}`)
    return airside.output().includes("Airside is ready")
  }
  await until(ready, 50, "the start")
  return airside
}

async function run(settings: Record<string, string>) {
  const airside = launch(settings)
  const code = await airside.process.exited
  await airside.read
  return { code, output: airside.output() }
}

/** A process and all below it, parents first. */
function descendants(pid: number): number[] {
  const children = procFile(`${pid}/task/${pid}/children`).trim().split(" ").filter(Boolean)
  return [pid, ...children.flatMap((child) => descendants(Number(child)))]
}

const commandOf = (pid: number) => procFile(`${pid}/cmdline`)

/** Empty for a process that has ended since it was listed, such as one of PostgreSQL's workers. */
function procFile(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8")
  } catch {
    return ""
  }
}

/** A zombie has ended; its parent has only not asked yet. */
function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

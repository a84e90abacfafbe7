import { createServer } from "node:net"
import { PROCESSES } from "./processes.ts"
import type { Installation } from "./settings.ts"

/** A TCP port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  server.once("error", reject)
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as { port: number }
    server.close(() => resolve(port))
  })
  return promise
}

/** Whether another program listens there. An address that is not of this machine throws. */
export async function portIsBusy(host: string, port: number): Promise<boolean> {
  const server = createServer()
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  server.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") resolve(true)
    else reject(error)
  })
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(false)))
  return promise
}

export type PortUse = { setting: string; host: string; port: number }

/** One clear line for each port that cannot be had; empty when all can. */
export async function portProblems(uses: PortUse[]): Promise<string[]> {
  const problems = await Promise.all(
    uses.map(async ({ setting, host, port }) => {
      try {
        if (!(await portIsBusy(host, port))) return undefined
        return `port ${port} is busy: another program listens there; set ${setting} to another one`
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code === "EACCES") return `port ${port} needs more rights than this account has; set ${setting} above 1023`
        return `HOST ${host} cannot be listened on (${code}): set it to an address of this machine`
      }
    }),
  )
  return [...new Set(problems.filter((problem) => problem !== undefined))]
}

/** Every port that an installation listens on. */
export function portsOf({ config, embedded, sandbox }: Installation): PortUse[] {
  const processes = PROCESSES.filter(({ name }) => sandbox || name !== "stripe-sandbox")
  const settings = processes.flatMap(({ port, webPort }) => (webPort ? [port, webPort] : [port]))
  const uses: PortUse[] = settings.map((setting) => ({
    setting,
    host: config.HOST,
    port: config[setting] as number,
  }))
  for (const port of config.FURTHER_BACKEND_PORTS ?? []) {
    uses.push({ setting: "FURTHER_BACKEND_PORTS", host: config.HOST, port })
  }
  const database = { setting: "DATABASE_PORT", host: "127.0.0.1", port: config.DATABASE_PORT }
  return embedded ? [...uses, database] : uses
}

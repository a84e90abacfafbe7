import { createServer, connect as dial, type Socket } from "node:net"

/** A line between two parties on which what is asked arrives, and what is answered may be lost. */
export interface Line {
  port: number
  /** From now on nothing comes back, on any connection. */
  loseAnswers(): void
  /** Hangs up on everybody who still waits; who calls again is answered. */
  mend(): void
  close(): void
}

export async function layLine(toPort: number): Promise<Line> {
  const callers = new Set<Socket>()
  let losing = false
  const server = createServer((caller) => {
    callers.add(caller)
    const called = dial(toPort, "127.0.0.1")
    const hangUp = () => {
      callers.delete(caller)
      caller.destroy()
      called.destroy()
    }
    for (const socket of [caller, called]) socket.on("error", hangUp).on("close", hangUp)
    caller.on("data", (bytes) => called.write(bytes))
    called.on("data", (bytes) => {
      if (!losing) caller.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const hangUpOnAll = () => {
    for (const caller of callers) caller.destroy()
  }
  return {
    port: (server.address() as { port: number }).port,
    loseAnswers() {
      losing = true
    },
    mend() {
      losing = false
      hangUpOnAll()
    },
    close() {
      server.close()
      hangUpOnAll()
    },
  }
}

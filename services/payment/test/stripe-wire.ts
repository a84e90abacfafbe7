/** The way to Stripe, as bad as a test wants it. */
export interface StripeWire {
  url: string
  connectTo(target: string): void
  /** The next request that matches is passed on, and its answer never comes back. */
  loseAnswer(path: RegExp): void
  /** Requests that match do not arrive, until `mend`. */
  cut(path: RegExp): void
  /** Requests that match are answered so by Stripe itself, until `mend`. */
  answerWith(path: RegExp, response: () => Response): void
  /** The next request that matches waits; `reached` tells that it is there. */
  hold(path: RegExp): { reached: Promise<void>; release(): void }
  mend(): void
  /** "POST /v1/refunds", for every request that came. */
  requests: { line: string; idempotencyKey: string | null }[]
  stop(): void
}

type Disturbance = { path: RegExp; once: boolean; apply(pass: () => Promise<Response>): Promise<Response> }

export function startStripeWire(): StripeWire {
  let target = ""
  let disturbances: Disturbance[] = []
  const requests: StripeWire["requests"] = []
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const line = `${request.method} ${pathname}`
      requests.push({ line, idempotencyKey: request.headers.get("idempotency-key") })
      const body = await request.arrayBuffer()
      const headers = new Headers(request.headers)
      headers.delete("host")
      const pass = () =>
        fetch(`${target}${pathname}${search}`, {
          method: request.method,
          headers,
          ...(body.byteLength > 0 && { body }),
        })
      const disturbance = disturbances.find(({ path }) => path.test(line))
      if (!disturbance) return pass()
      if (disturbance.once) disturbances = disturbances.filter((each) => each !== disturbance)
      return disturbance.apply(pass)
    },
  })
  const disturb = (path: RegExp, once: boolean, apply: Disturbance["apply"]) => disturbances.push({ path, once, apply })
  return {
    url: `http://127.0.0.1:${server.port}`,
    connectTo: (url) => {
      target = url
    },
    loseAnswer: (path) =>
      disturb(path, true, async (pass) => {
        await pass()
        return badGateway()
      }),
    cut: (path) => disturb(path, false, async () => badGateway()),
    answerWith: (path, response) => disturb(path, false, async () => response()),
    hold(path) {
      const here = Promise.withResolvers<void>()
      const leave = Promise.withResolvers<void>()
      disturb(path, true, async (pass) => {
        here.resolve()
        await leave.promise
        return pass()
      })
      return { reached: here.promise, release: leave.resolve }
    },
    mend: () => {
      disturbances = []
    },
    requests,
    stop: () => server.stop(true),
  }
}

const badGateway = () => Response.json({ error: { type: "api_error", message: "Bad gateway" } }, { status: 502 })

/** Stands between payment and the sandbox, and can refuse, delay or lose. */

export interface StripeProxy {
  url: string
  /** What to do with requests to paths that match, so many times; then it behaves again. */
  misbehave(trouble: StripeTrouble): void
  behave(): void
  /** How often it misbehaved since the last `behave`. */
  count(): number
  stop(): void
}

export interface StripeTrouble {
  path: RegExp
  /** fail: 500 and nothing happens; lose: it happens and the answer is lost; delay: the answer comes late. */
  kind: "fail" | "lose" | "delay"
  times: number
  milliseconds?: number
}

export function startStripeProxy(target: string): StripeProxy {
  let trouble: StripeTrouble | undefined
  let met = 0
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const { pathname, search } = new URL(request.url)
      const mine = request.method === "POST" && trouble?.path.test(pathname) && trouble.times > 0 ? trouble : undefined
      if (mine) {
        mine.times--
        met++
      }
      if (mine?.kind === "fail")
        return Response.json({ error: { type: "api_error", message: "out of order" } }, { status: 500 })
      const body = request.method === "POST" ? await request.text() : undefined
      const headers = new Headers(request.headers)
      for (const name of ["host", "connection", "content-length", "accept-encoding"]) headers.delete(name)
      try {
        const answer = await fetch(target + pathname + search, {
          method: request.method,
          headers,
          redirect: "manual",
          ...(body !== undefined && { body }),
        })
        const text = await answer.text()
        if (mine?.kind === "lose") return new Response("bad gateway", { status: 502 })
        if (mine?.kind === "delay") await Bun.sleep(mine.milliseconds ?? 1000)
        const kept = ["content-type", "request-id", "idempotent-replayed", "stripe-should-retry"]
        const shown = kept.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name)!]] : []))
        return new Response(text, { status: answer.status, headers: Object.fromEntries(shown) })
      } catch {
        return new Response("bad gateway", { status: 502 })
      }
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    misbehave(next) {
      trouble = { ...next }
      met = 0
    },
    behave() {
      trouble = undefined
    },
    count: () => met,
    stop: () => server.stop(true),
  }
}

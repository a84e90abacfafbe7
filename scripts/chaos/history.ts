/** Every request that customers made and what they were told; the checker reads nothing else of the customers. */

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a stranger reads JSON; the checker looks at what is there
export type Json = any

export interface Exchange {
  round: number
  customer: string
  method: string
  path: string
  key: string
  body: Json
  /** Milliseconds since 1970. */
  startTime: number
  endTime: number
  /** 0: no answer came. */
  status: number
  answer: Json
}

export interface History {
  exchanges: Exchange[]
  /** One request as a customer makes it; never throws: what went wrong is an answer with status 0. */
  ask(request: AskRequest): Promise<Exchange>
  /** Lets go of what is large and judged by nothing: offers and seat maps. */
  trim(): void
}

export interface AskRequest {
  round: number
  customer: string
  method: "GET" | "POST"
  path: string
  key?: string
  body?: Json
  token?: string | undefined
}

const PATIENCE_MILLISECONDS = 5000

export function createHistory(baseUrl: string): History {
  const exchanges: Exchange[] = []
  let trimmed = 0
  return {
    exchanges,
    trim() {
      for (; trimmed < exchanges.length; trimmed++) {
        const exchange = exchanges[trimmed]!
        if (exchange.method === "GET" && /^\/api\/flights|\/seats$/.test(exchange.path)) exchange.answer = undefined
      }
    },
    async ask({ round, customer, method, path, key = "", body, token }) {
      const exchange: Exchange = {
        round,
        customer,
        method,
        path,
        key,
        body,
        startTime: Date.now(),
        endTime: 0,
        status: 0,
        answer: undefined,
      }
      exchanges.push(exchange)
      try {
        const response = await fetch(baseUrl + path, {
          method,
          headers: {
            ...(body !== undefined && { "content-type": "application/json" }),
            ...(key && { "idempotency-key": key }),
            ...(token && { authorization: `Bearer ${token}` }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          redirect: "manual",
          signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
        })
        const text = await response.text()
        exchange.answer = text.startsWith("{") ? JSON.parse(text) : text.slice(0, 200)
        exchange.status = response.status
      } catch (error) {
        exchange.answer = String(error)
      }
      exchange.endTime = Date.now()
      return exchange
    },
  }
}

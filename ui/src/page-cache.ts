import type { Log } from "@airside/kernel/log"
import type { SearchFlightsResponse, WatchDeparturesResponse } from "@airside/protos/airside/flights/v1/flights"
import { lateBody } from "./late-body.ts"

/**
 * Pages of results, kept as long as they are true. Backend tells several times a second which departures have changed;
 * a page goes when one that it depends on does, and nothing is answered from here when backend has been silent for a
 * second. Requests for a page that is being made wait for it together. Only what everybody is shown alike is kept, and
 * only from the second time on: most searches are made once, and to keep a page costs a quarter of making it.
 */
export interface PageCache {
  /** A page that is kept, or else what `make` answers. */
  answer(request: Request, make: () => Promise<Response>): Response | Promise<Response>
  /** Says what the answer to a request depends on; without it nothing is kept. */
  dependsOn(request: Request, found: SearchFlightsResponse): void
  /** Listens until the signal; begins anew, with nothing kept, whenever the stream breaks. */
  listen(watch: (signal: AbortSignal) => AsyncIterable<WatchDeparturesResponse>, signal: AbortSignal): Promise<void>
}

interface Page {
  body: Uint8Array<ArrayBuffer>
  headers: Record<string, string>
  /** What counts as now, in milliseconds. */
  validUntil: number
  dependence: Dependence
}

/** A page on its way, and whether somebody else waits for it than who asked first. */
interface Making {
  page: Promise<Page | undefined>
  isShared: boolean
}

interface Dependence {
  routes: readonly number[]
  /** Days since 1970 from which and until which departures matter, for each slice. */
  days: readonly (readonly [from: number, until: number])[]
  validUntil: number
}

interface RecentChange {
  /** Undefined: anything may have changed. */
  route: number | undefined
  day: number
  time: number
}

const MOST_BYTES = 64 * 1024 * 1024
/** Of a page beside its body: the entry, its headers and its place in the index. */
const PAGE_OVERHEAD_BYTES = 2_000
/** Addresses that are remembered as asked for once. */
const MOST_ASKED = 10_000
const SILENCE_MILLISECONDS = 1000
/** Another backend may answer by what it knew so long ago. */
const BEHIND_MILLISECONDS = 1000
/** A page that took longer is old when it is made. */
const LONGEST_MAKING_MILLISECONDS = 2000
const PAUSE_MILLISECONDS = 200
const DAY_MILLISECONDS = 86_400_000
const DAYS_BEFORE = 1
const DAYS_AFTER = 4
const PATH = /^https?:\/\/[^/]+\/flights\?/

export function createPageCache(log: Pick<Log, "warn">, mostBytes = MOST_BYTES): PageCache {
  const pages = new Map<string, Page>()
  const byRoute = new Map<number, Set<string>>()
  const pending = new Map<string, Making>()
  /** Whose page is not kept and will be the next time, the longest ago first. */
  const asked = new Set<string>()
  const dependences = new WeakMap<Request, Dependence>()
  let recent: RecentChange[] = []
  let bytes = 0
  let heardTime = Number.NEGATIVE_INFINITY

  const clear = () => {
    pages.clear()
    byRoute.clear()
    bytes = 0
  }
  const noteAsked = (key: string) => {
    asked.delete(key)
    asked.add(key)
    const [longestAgo] = asked
    if (asked.size > MOST_ASKED) asked.delete(longestAgo!)
  }
  const forget = (key: string) => {
    const page = pages.get(key)
    if (!page) return
    pages.delete(key)
    bytes -= sizeOf(key, page)
    for (const route of page.dependence.routes) {
      const keys = byRoute.get(route)
      keys?.delete(key)
      if (keys?.size === 0) byRoute.delete(route)
    }
  }
  const keep = (key: string, page: Page) => {
    forget(key)
    const size = sizeOf(key, page)
    if (size > mostBytes / 10) return
    for (const oldest of pages.keys()) {
      if (bytes + size <= mostBytes) break
      forget(oldest)
    }
    pages.set(key, page)
    bytes += size
    for (const route of page.dependence.routes) {
      const keys = byRoute.get(route) ?? new Set()
      byRoute.set(route, keys.add(key))
    }
  }
  /** What was asked for too soon after a change may have been answered by somebody who had not heard of it. */
  const isOvertaken = (dependence: Dependence, askedTime: number) =>
    recent.some(
      ({ route, day, time }) =>
        time > askedTime - BEHIND_MILLISECONDS &&
        (route === undefined || (dependence.routes.includes(route) && matters(dependence, day))),
    )
  const hear = ({ everything, departures }: WatchDeparturesResponse) => {
    const time = performance.now()
    heardTime = time
    recent = recent.filter((change) => time - change.time < 2 * BEHIND_MILLISECONDS + LONGEST_MAKING_MILLISECONDS)
    if (everything) {
      clear()
      recent.push({ route: undefined, day: 0, time })
    }
    for (const { route, date } of departures) {
      const day = Date.parse(date) / DAY_MILLISECONDS
      recent.push({ route, day, time })
      for (const key of [...(byRoute.get(route) ?? [])]) {
        if (!matters(pages.get(key)!.dependence, day)) continue
        forget(key)
        noteAsked(key)
      }
    }
  }
  const makePage = async (
    key: string,
    request: Request,
    make: () => Promise<Response>,
    answered: (response: Response) => void,
  ): Promise<Page | undefined> => {
    const askedTime = performance.now()
    const response = await make()
    const dependence = dependences.get(request)
    const isFit = dependence && response.status === 200 && !response.headers.has("set-cookie")
    const isAgain = asked.has(key) || pages.has(key) // kept, and no longer valid
    if (isFit && !isAgain) noteAsked(key)
    if (!isFit || !(isAgain || pending.get(key)?.isShared)) {
      answered(response)
      return undefined
    }
    const body = new Uint8Array(await response.arrayBuffer())
    const page = { body, headers: response.headers.toJSON(), validUntil: dependence.validUntil, dependence }
    answered(toLateResponse(page))
    const isFresh = performance.now() - heardTime < SILENCE_MILLISECONDS
    const isSlow = performance.now() - askedTime > LONGEST_MAKING_MILLISECONDS
    if (isAgain && isFresh && !isSlow && !isOvertaken(dependence, askedTime)) {
      asked.delete(key)
      keep(key, page)
    }
    return page
  }

  return {
    answer(request, make) {
      if (request.method !== "GET" || !PATH.test(request.url) || isPersonal(request)) return make()
      const key = request.headers.get("hx-request") ? `hx ${request.url}` : request.url
      const page = pages.get(key)
      if (page && performance.now() - heardTime < SILENCE_MILLISECONDS && Date.now() < page.validUntil)
        return toResponse(page)
      const twin = pending.get(key)
      if (twin) {
        twin.isShared = true
        return twin.page.then((made) => (made ? toLateResponse(made) : make()))
      }
      const { promise, resolve, reject } = Promise.withResolvers<Response>()
      const making = makePage(key, request, make, resolve).finally(() => pending.delete(key))
      making.catch(reject)
      pending.set(key, { page: making.catch(() => undefined), isShared: false })
      return promise
    },
    dependsOn(request, { slices, routes, validUntilTime }) {
      const days = slices.map(({ date }) => {
        const day = Date.parse(date) / DAY_MILLISECONDS
        return [day - DAYS_BEFORE, day + DAYS_AFTER] as const
      })
      dependences.set(request, { routes, days, validUntil: validUntilTime?.getTime() ?? 0 })
    },
    async listen(watch, signal) {
      let isTold = true
      while (!signal.aborted) {
        try {
          for await (const message of watch(signal)) {
            hear(message)
            isTold = true
          }
        } catch (err) {
          if (isTold && !signal.aborted) log.warn({ err }, "nobody tells of changed departures; no page is kept")
          isTold = false
        }
        heardTime = Number.NEGATIVE_INFINITY
        clear()
        await Bun.sleep(PAUSE_MILLISECONDS)
      }
    },
  }
}

const matters = ({ days }: Dependence, day: number) => days.some(([from, until]) => day >= from && day <= until)

const sizeOf = (key: string, { body, dependence }: Page) =>
  2 * key.length + body.byteLength + 100 * dependence.routes.length + PAGE_OVERHEAD_BYTES

const toResponse = ({ body, headers }: Page) => new Response(body, { headers })
const toLateResponse = ({ body, headers }: Page) => new Response(lateBody(body), { headers })

/** Whoever is logged in sees a name on every page. */
function isPersonal({ headers }: Request): boolean {
  return headers.get("authorization") !== null || (headers.get("cookie")?.includes("airside_session=") ?? false)
}

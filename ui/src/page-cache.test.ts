import { expect, test } from "bun:test"
import { until } from "@airside/kernel/testing"
import { SearchFlightsResponse, WatchDeparturesResponse } from "@airside/protos/airside/flights/v1/flights"
import { createPageCache } from "./page-cache.ts"

const ROUTE = 7
const URL_A = "http://airside.test/flights?origin=VIE&destination=LHR&depart_date=2027-02-01"

/** A backend that says what it is told to say, and goes on saying that it looks. */
function startWatched(mostBytes?: number) {
  const cache = createPageCache({ warn() {} }, mostBytes)
  const messages: WatchDeparturesResponse[] = [{ everything: true, departures: [] }]
  const stop = new AbortController()
  const state = { silent: false, broken: false, made: 0 }
  cache.listen(async function* (signal) {
    while (!signal.aborted) {
      if (state.broken) throw new Error("the stream broke")
      const message = messages.shift()
      if (message) yield message
      else if (!state.silent) yield { everything: false, departures: [] }
      await Bun.sleep(10)
    }
  }, stop.signal)
  const get = (url = URL_A, headers: Record<string, string> = {}) => {
    const request = new Request(url, { headers })
    return cache.answer(request, async () => {
      state.made++
      const found = { slices: [{ date: "2027-02-01" }], routes: [ROUTE], validUntilTime: new Date(Date.now() + 60_000) }
      cache.dependsOn(request, SearchFlightsResponse.fromPartial(found))
      return new Response(`page ${state.made}`, { headers: { "content-type": "text/html" } })
    })
  }
  const change = (route: number, date: string) =>
    messages.push(WatchDeparturesResponse.fromPartial({ departures: [{ route, date }] }))
  const text = async (...args: Parameters<typeof get>) => (await get(...args)).text()
  /** Pages asked for right after the stream began, or after a change, are not kept. */
  const untilKept = (url = URL_A) => until(() => isKept(url), 5, "a page being kept")
  const isKept = async (url: string) => {
    const page = await text(url)
    return (await text(url)) === page
  }
  return { cache, state, messages, get, text, change, untilKept, stop: () => stop.abort() }
}

test("a page is kept from the second time on, with its headers, for whoever asks alike", async () => {
  const { get, text, untilKept, stop } = startWatched()
  await untilKept()
  const first = await text()
  const kept = get()
  expect(kept).toBeInstanceOf(Response)
  expect((kept as Response).headers.get("content-type")).toBe("text/html")
  expect(await text()).toBe(first)
  const other = `${URL_A}&sort=price`
  const once = await text(other)
  expect(once).not.toBe(first)
  const twice = await text(other)
  expect(twice).not.toBe(once)
  expect(await text(other)).toBe(twice)
  stop()
})

test("a page that was kept until a departure changed is kept again as soon as it is made", async () => {
  const { text, change, untilKept, state, stop } = startWatched()
  await untilKept()
  const { made } = state
  change(ROUTE, "2027-02-01")
  await Bun.sleep(1200) // what is asked for sooner may not know of the change
  const again = await text()
  expect(await text()).toBe(again)
  expect(state.made).toBe(made + 1)
  stop()
})

test("a changed departure ends the pages that depend on it, and no others", async () => {
  const { text, change, untilKept, state, stop } = startWatched()
  await untilKept()
  const page = await text()
  change(ROUTE + 1, "2027-02-01")
  change(ROUTE, "2027-01-30")
  change(ROUTE, "2027-02-06")
  await Bun.sleep(60)
  expect(await text()).toBe(page)
  for (const date of ["2027-01-31", "2027-02-01", "2027-02-05"]) {
    await untilKept()
    const before = state.made
    change(ROUTE, date)
    await until(async () => (await text()) && state.made > before, 2, `a change on ${date} being heard`)
  }
  stop()
})

test("a page that was asked for before a change was heard is not kept after it", async () => {
  const { text, change, untilKept, state, stop } = startWatched()
  await untilKept()
  const before = state.made
  change(ROUTE, "2027-02-01")
  await until(async () => (await text()) && state.made > before)
  const made = state.made
  await text() // made by somebody who may not have heard yet
  expect(state.made).toBe(made + 1)
  await untilKept()
  stop()
})

test("who hears nothing for a second, or whose stream breaks, keeps nothing", async () => {
  const { text, untilKept, state, stop } = startWatched()
  await untilKept()
  state.silent = true
  const made = state.made
  await until(async () => (await text()) && state.made > made, 3, "the silence being noticed")
  const silent = state.made
  await text()
  expect(state.made).toBe(silent + 1)
  state.silent = false
  await untilKept()
  state.broken = true
  const broken = state.made
  await until(async () => (await text()) && state.made > broken, 3, "the break being noticed")
  state.broken = false
  await untilKept()
  stop()
})

test("whoever asks while a page is made waits for that one", async () => {
  const { cache, untilKept, stop } = startWatched()
  await untilKept()
  const url = `${URL_A}&sort=duration`
  let made = 0
  const ready = Promise.withResolvers<void>()
  const ask = () => {
    const request = new Request(url)
    return cache.answer(request, async () => {
      made++
      await ready.promise
      cache.dependsOn(request, SearchFlightsResponse.fromPartial({ slices: [{ date: "2027-02-01" }], routes: [ROUTE] }))
      return new Response("once")
    })
  }
  const answers = [ask(), ask(), ask()]
  ready.resolve()
  expect(await Promise.all(answers.map(async (answer) => (await answer).text()))).toEqual(["once", "once", "once"])
  expect(made).toBe(1)
  stop()
})

test("persons, programs with a token, other methods and failures get their own answers", async () => {
  const { cache, text, untilKept, state, stop } = startWatched()
  await untilKept()
  const page = await text()
  expect(await text(URL_A, { cookie: "airside_session=x" })).not.toBe(page)
  expect(await text(URL_A, { authorization: "Bearer x" })).not.toBe(page)
  expect(await text(URL_A, { "hx-request": "true" })).not.toBe(page)
  const { made } = state
  expect(await text(URL_A, { cookie: "airside_guest_K7M2QX=x" })).toBe(page)
  expect(state.made).toBe(made)
  const post = await cache.answer(new Request(URL_A, { method: "POST" }), async () => new Response("posted"))
  expect(await post.text()).toBe("posted")
  const fail = () => cache.answer(new Request(`${URL_A}&x`), async () => Promise.reject(new Error("down")))
  expect(await Promise.allSettled([fail(), fail()])).toMatchObject([{ status: "rejected" }, { status: "rejected" }])
  stop()
})

test("memory is bounded: the oldest pages go", async () => {
  const { cache, get, text, untilKept, state, stop } = startWatched(40_000)
  await untilKept()
  for (let number = 0; number < 50; number++) await untilKept(`${URL_A}&adults=${number}`)
  const { made } = state
  expect(get(`${URL_A}&adults=49`)).toBeInstanceOf(Response)
  await text(`${URL_A}&adults=0`)
  expect(state.made).toBe(made + 1)
  for (const _ of ["once", "again"]) {
    const large = new Request(`${URL_A}&adults=huge`)
    const answer = await cache.answer(large, async () => {
      cache.dependsOn(large, SearchFlightsResponse.fromPartial({ slices: [{ date: "2027-02-01" }], routes: [ROUTE] }))
      return new Response("x".repeat(30_000))
    })
    expect((await answer.text()).length).toBe(30_000)
  }
  expect(get(`${URL_A}&adults=49`)).toBeInstanceOf(Response)
  stop()
})

import { beforeEach, expect, test } from "bun:test"
import { Failure, invalidRequest } from "@airside/kernel/errors"
import { SearchFlightsRequest, SearchFlightsResponse } from "@airside/protos/airside/flights/v1/flights"
import { searchTogether } from "./search-together.ts"

/** As backend: answers by the origin, refuses XXX, and cannot be reached for a call with YYY in it. */
const calls: string[][] = []
const answer = ({ origin }: SearchFlightsRequest) => SearchFlightsResponse.fromPartial({ slices: [{ origin }] })
const flights = {
  async searchFlights(request: SearchFlightsRequest) {
    calls.push([request.origin])
    await Bun.sleep(5)
    if (request.origin === "XXX") throw invalidRequest([{ field: "origin", message: "is no place that we know" }])
    return answer(request)
  },
  async batchSearchFlights({ requests }: { requests: SearchFlightsRequest[] }) {
    const origins = requests.map(({ origin }) => origin)
    calls.push(origins)
    await Bun.sleep(5)
    if (origins.includes("YYY")) throw new Failure("UNAVAILABLE", "UNAVAILABLE", "Nobody there.")
    if (origins.includes("ZZZ")) throw new Failure("UNIMPLEMENTED", "UNIMPLEMENTED", "An older backend.")
    return {
      results: requests.map((each) => ({ response: each.origin === "XXX" ? undefined : answer(each) })),
    }
  },
}
const search = searchTogether(flights)
const from = (origin: string) => search(SearchFlightsRequest.fromPartial({ origin }))

beforeEach(() => {
  calls.length = 0
})

async function outcomesOf(origins: string[]) {
  const outcomes = await Promise.allSettled(origins.map(from))
  return outcomes.map((each) => (each.status === "fulfilled" ? each.value.slices[0]!.origin : each.reason.reason))
}

test("searches that come while two are under way travel together, and everybody has their own answer", async () => {
  expect(await outcomesOf(["AAA", "BBB", "CCC", "DDD", "EEE"])).toEqual(["AAA", "BBB", "CCC", "DDD", "EEE"])
  expect(calls).toEqual([["AAA"], ["BBB"], ["CCC", "DDD", "EEE"]])
})

test("one that is refused is told why, and the others are answered", async () => {
  expect(await outcomesOf(["AAA", "BBB", "CCC", "XXX", "EEE"])).toEqual(["AAA", "BBB", "CCC", "INVALID_REQUEST", "EEE"])
  expect(calls.at(-1)).toEqual(["XXX"])
})

test("a backend out of reach is nobody's in particular; one that knows no batches is asked one by one", async () => {
  expect(await outcomesOf(["AAA", "BBB", "CCC", "YYY"])).toEqual(["AAA", "BBB", "UNAVAILABLE", "UNAVAILABLE"])
  expect(await outcomesOf(["AAA", "BBB", "CCC", "ZZZ"])).toEqual(["AAA", "BBB", "CCC", "ZZZ"])
})

test("a search with a token or a trace of its own goes alone", async () => {
  const requests = ["AAA", "BBB", "CCC", "DDD"].map((origin) => SearchFlightsRequest.fromPartial({ origin }))
  await Promise.all(requests.map((request) => search(request, { traceparent: "00-1-2-01" })))
  expect(calls).toHaveLength(4)
})

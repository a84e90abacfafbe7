import type { WatchDeparturesRequest, WatchDeparturesResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"
import { dateOf } from "../flights/civil-date.ts"
import type { Change } from "./live-timetable.ts"
import { routeCode } from "./route-code.ts"

/** Whoever is so far behind is told that anything may have changed. */
const MOST_WAITING = 10_000
const EVERYTHING: WatchDeparturesResponse = { everything: true, departures: [] }

/** Tells of what SearchFlights answers otherwise now, each time that this process has looked. */
export async function* watchDepartures(
  { call, schedule }: CallContext,
  _: WatchDeparturesRequest,
): AsyncGenerator<WatchDeparturesResponse> {
  let waiting: Change[] = []
  let hasLooked = false
  let wake = () => {}
  const stop = schedule.watch((changes) => {
    waiting = waiting.length > MOST_WAITING ? ["everything"] : [...waiting, ...changes]
    hasLooked = true
    wake()
  })
  const hangUp = () => wake()
  call.gone.addEventListener("abort", hangUp)
  try {
    yield EVERYTHING
    while (!call.gone.aborted) {
      if (!hasLooked) {
        const { promise, resolve } = Promise.withResolvers<void>()
        wake = resolve
        await promise
        continue
      }
      const changes = waiting
      waiting = []
      hasLooked = false
      yield changes.includes("everything") ? EVERYTHING : { everything: false, departures: changes.flatMap(toMessage) }
    }
  } finally {
    call.gone.removeEventListener("abort", hangUp)
    stop()
  }
}

const toMessage = (change: Change) =>
  change === "everything" ? [] : [{ route: routeCode(change.origin, change.destination), date: dateOf(change.day) }]

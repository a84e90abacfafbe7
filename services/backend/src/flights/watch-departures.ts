import type { WatchDeparturesRequest, WatchDeparturesResponse } from "@airside/protos/airside/flights/v1/flights"
import type { CallContext } from "../context.ts"

const PAUSE_MILLISECONDS = 500

/** Tells what SearchFlights answers otherwise now. */
export async function* watchDepartures(
  { call }: CallContext,
  _: WatchDeparturesRequest,
): AsyncGenerator<WatchDeparturesResponse> {
  while (!call.gone.aborted) {
    yield { everything: true, departures: [] }
    await Bun.sleep(PAUSE_MILLISECONDS)
  }
}

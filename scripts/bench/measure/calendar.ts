import { join } from "node:path"
import { GetFareCalendarRequest, GetFareCalendarResponse } from "@airside/protos/airside/flights/v1/flights"
import { startLimit } from "../limits/start-limit.ts"
import { loadCalls } from "../load-calls.ts"
import type { Measurement, Turn } from "../measurement.ts"
import { coldQueries, connectFlights, dayAhead } from "../searches.ts"

const MOST_MILLISECONDS = 30
const ROUTES = 5_000

/** The lowest fare of each day of two months between busy airports, one call after the other, against (b). */
export const calendar: Measurement = {
  name: "calendar",
  async prepare(bench) {
    const product = await bench.product()
    const flights = connectFlights(product.backendAddress)
    const routes = (await coldQueries(bench, product, flights)).take(ROUTES)
    const month = dayAhead(45).slice(0, 7)
    const requests = routes.map(({ origin, destination }) =>
      GetFareCalendarRequest.fromPartial({ origin, destination, month, months: 2, adults: 1 }),
    )
    const message = join(bench.folder, "calendar.binpb")
    const sample = await flights.getFareCalendar(requests[0]!)
    await Bun.write(message, GetFareCalendarResponse.encode(sample).finish())
    const server = await startLimit(bench, "hop-server.ts", "getFareCalendar", message)
    const hop = connectFlights(`127.0.0.1:${server.port}`)
    const measure = (client: typeof flights, { round, seconds }: Turn) =>
      loadCalls({ seconds, workers: 1 }, (number) => client.getFareCalendar(requests[(number + round * 997) % ROUTES]!))
    return {
      parts: [
        async (turn) => {
          const { p50Milliseconds, p99Milliseconds } = await measure(flights, turn)
          return { calendarMilliseconds: p50Milliseconds, calendarSlowMilliseconds: p99Milliseconds }
        },
        async (turn) => ({ hopMilliseconds: (await measure(hop, turn)).p50Milliseconds }),
      ],
      rows({ calendarMilliseconds, calendarSlowMilliseconds, hopMilliseconds }) {
        return [
          {
            name: `fare calendar of ${sample.days.length} days`,
            figure: calendarMilliseconds!,
            unit: "ms",
            limit: { name: "(b) one hop", figure: hopMilliseconds! },
            ratio: calendarMilliseconds! / hopMilliseconds!,
            target: `under ${MOST_MILLISECONDS}`,
            met: calendarMilliseconds! < MOST_MILLISECONDS,
          },
          { name: "  99 % of the calendars within", figure: calendarSlowMilliseconds!, unit: "ms" },
        ]
      },
      async stop() {
        flights.close()
        hop.close()
        await server.stop()
      },
    }
  },
}

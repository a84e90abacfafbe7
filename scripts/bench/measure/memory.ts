import { loadPages } from "../load-pages.ts"
import type { Bench, Measurement } from "../measurement.ts"
import { type BenchProduct, EVERY_PROCESS } from "../product.ts"
import { residentMegabytesOf } from "../resident-memory.ts"
import { coldQueries, connectFlights, offersOnDistinctDepartures, pagePath, popularQuery } from "../searches.ts"
import { book, register } from "./booking.ts"
import { requireSoundSeats } from "./sound-seats.ts"

/** Of what a process has after a tenth of the requests, when its code is compiled and its caches are filled. */
const MOST_GROWTH = 1.1
/** What a collector may just not have given back. */
const SLACK_MEGABYTES = 16
const BATCH_SECONDS = 2
/** Cold ones. */
const PATHS_A_SECOND = 5_000
/** Every hundredth request is a booking. */
const PAGES_A_BOOKING = 100
const BOOKERS = 4
const LAST_BLOCK = 11
/** On a machine that answers fewer, it ends before all requests are made. */
const LEAST_PER_SECOND = 100

/** Resident memory of every process before, after a tenth and after all of the requests: popular pages, cold ones, bookings. */
export const memory: Measurement = {
  name: "memory",
  async prepare(bench) {
    const product = await bench.product()
    const names = [...EVERY_PROCESS, "postgres"]
    return {
      once: true,
      parts: [() => measureMemory(bench, product)],
      rows: (figures) => [
        { name: "requests between two looks at memory", figure: figures.requests!, unit: "requests" },
        ...names.flatMap((name) => {
          const [before, tenth, after] = [figures[`${name} before`], figures[`${name} tenth`], figures[`${name} after`]]
          if (before === undefined || tenth === undefined || after === undefined) return []
          // PostgreSQL keeps what it has read: its memory follows its settings, not our code.
          const judged = name !== "postgres" && {
            target: `at most ${MOST_GROWTH} of it and ${SLACK_MEGABYTES} MB`,
            met: after <= tenth * MOST_GROWTH + SLACK_MEGABYTES,
          }
          return [
            {
              name: `memory of ${name} (${Math.round(before)} before)`,
              figure: after,
              unit: "MB",
              limit: { name: "after a tenth", figure: tenth },
              ratio: after / tenth,
              ...judged,
            },
          ]
        }),
      ],
    }
  },
}

async function measureMemory(bench: Bench, product: BenchProduct) {
  const { requests } = bench.options
  const figures: Record<string, number> = {}
  const note = async (when: string) => {
    for (const [name, megabytes] of Object.entries(await residentMegabytesOf(product))) {
      figures[`${name} ${when}`] = megabytes
    }
  }
  await note("before")
  const client = connectFlights(product.backendAddress)
  const wanted = { block: LAST_BLOCK, count: Math.min(5_000, Math.ceil(requests / PAGES_A_BOOKING)) }
  const offers = await offersOnDistinctDepartures(product, client, wanted)
  const queries = await coldQueries(bench, product, client)
  client.close()
  const tokens = await Promise.all(Array.from({ length: BOOKERS }, () => register(product)))
  const popular = pagePath(await popularQuery(product))
  const giveUpTime = Date.now() + (60 + requests / LEAST_PER_SECOND) * 1000
  let pages = 0
  let bookings = 0

  const keepBooking = async (token: string) => {
    while (pages < requests && Date.now() < giveUpTime) {
      if (bookings * PAGES_A_BOOKING >= pages) await Bun.sleep(50)
      else await book(product, token, offers[bookings++ % offers.length]!.token)
    }
  }
  const keepLooking = async () => {
    while (pages < requests && Date.now() < giveUpTime) {
      const paths = queries.take(BATCH_SECONDS * PATHS_A_SECOND).flatMap((query) => [pagePath(query), popular])
      pages += (await loadPages(bench, { url: product.uiUrl, paths, seconds: BATCH_SECONDS })).requests
      if (figures["ui tenth"] === undefined && pages >= requests / 10) await note("tenth")
      bench.say(`memory: ${pages} of ${requests} requests, ${bookings} bookings`)
    }
  }
  await Promise.all([keepLooking(), ...tokens.map(keepBooking)])
  await requireSoundSeats(product, bookings)
  await note("after")
  return { ...figures, requests: pages + bookings }
}

import type { Exchange, History, Json } from "./history.ts"
import { ROUTES } from "./network.ts"
import type { Random } from "./random.ts"

/** What customers of a round have in common. */
export interface Crowd {
  round: number
  uiUrl: string
  history: History
  /** YYYY-MM-DD, of this round alone: rounds do not share seats. */
  date: string
  returnDate: string
  /** No new story is begun after it. */
  stopTime: number
  mood: Mood
}

/** What a fault makes customers do more often. */
export interface Mood {
  /** Cancelling while the payment is under way. */
  cancelsWhilePaying: number
  /** Waiting until the hold is about to lapse before paying. */
  paysAtTheLastMoment: number
  /** Leaving the hosted page open until the hold has lapsed, and closing the browser after paying. */
  paysTooLateOnThePage: number
  cancelsAfterwards: number
}

export const USUAL_MOOD: Mood = {
  cancelsWhilePaying: 0.04,
  paysAtTheLastMoment: 0.05,
  paysTooLateOnThePage: 0.03,
  cancelsAfterwards: 0.3,
}

export interface Person {
  name: string
  /** Access token of an account; a guest has none. */
  token?: string
}

const FAMILY_NAMES = ["Lovelace", "Hopper", "Noether", "Curie", "Meitner", "Franklin"]
const GOOD_CARDS = [
  "pm_card_visa",
  "pm_card_visa",
  "pm_card_visa",
  "pm_card_mastercard",
  "pm_card_amex",
  "pm_card_createDispute",
  "pm_card_createDispute",
]
const BAD_CARDS = [
  "pm_card_chargeDeclined",
  "pm_card_visa_chargeDeclinedInsufficientFunds",
  "pm_card_chargeDeclinedExpiredCard",
  "pm_card_chargeDeclinedIncorrectCvc",
  "pm_card_chargeDeclinedProcessingError",
  "pm_card_chargeCustomerFail",
]
const HOSTED_CARDS = [
  "4242424242424242",
  "4242424242424242",
  "4000000000000002",
  "4000000000000259",
  "4000002760003184",
]
const PROMO_CODES = ["SAVE10", "STUDENT", "FIRSTFLIGHT", "FIRSTFLIGHT"]
const TRIES = 4

/** One customer: stories of searching, holding, paying and changing one's mind, until the crowd goes home. */
export async function beCustomer(crowd: Crowd, person: Person, random: Random): Promise<void> {
  try {
    do await tellStory(crowd, person, random)
    while (Date.now() < crowd.stopTime)
  } catch (error) {
    if (!(error instanceof GoneHome)) throw error
  }
}

/** One of many who want a seat of the same offer; whoever gets one pays at once. True for a seat, false for SOLD_OUT. */
export async function grabSeat(
  crowd: Crowd,
  person: Person,
  random: Random,
  offer: string,
): Promise<boolean | undefined> {
  const asker: Asker = { crowd, person, random, token: undefined }
  const order = { offer_tokens: [offer], passengers: [adult("Lovelace")], contact: { email: "ada@example.com" } }
  const { status, answer } = await insist(asker, "POST", "/api/flights/book", order)
  if (status !== 201) return answer?.reason === "SOLD_OUT" ? false : undefined
  const { booking, access_token: token } = answer
  await process({ ...asker, token, reference: booking.reference, booking }, "pm_card_visa")
  return true
}

/** It is late and nobody answers. */
class GoneHome extends Error {}
const LATE_MILLISECONDS = 1000

async function tellStory(crowd: Crowd, person: Person, random: Random) {
  const familyName = random.pick(FAMILY_NAMES)
  const held = await searchAndHold(crowd, person, random, familyName)
  if (!held) return
  const { reference } = held.booking
  const token = person.token ?? held.access_token
  const trip: Trip = { crowd, person, random, reference, token, booking: held.booking }
  await pause(random, 200)
  if (random.chance(0.25)) await chooseSeats(trip)
  if (random.chance(0.08)) return // thinks about it for too long
  if (random.chance(0.06)) return void (await cancel(trip, ""))
  if (random.chance(crowd.mood.paysAtTheLastMoment)) {
    await Bun.sleep(Math.max(0, Date.parse(held.booking.hold_expires_at) - Date.now() - 150 + random.below(300)))
  }
  await Promise.all([pay(trip), changeMindWhilePaying(trip)])
  await look(trip)
  if (!person.token && random.chance(0.2)) {
    await insist(trip, "POST", "/api/bookings/find", { reference, family_name: familyName })
  }
  if (random.chance(crowd.mood.cancelsAfterwards)) {
    if (random.chance(0.4)) await quoteAndCancel(trip, aPart(trip))
    await quoteAndCancel(trip)
    await look(trip)
  }
}

interface Trip {
  crowd: Crowd
  person: Person
  random: Random
  reference: string
  /** As it was when it was held. */
  booking: Json
  token: string | undefined
}
type Asker = Omit<Trip, "reference" | "booking">

async function searchAndHold(crowd: Crowd, person: Person, random: Random, familyName: string): Promise<Json> {
  const asker: Asker = { crowd, person, random, token: person.token }
  const route = random.pick(ROUTES)
  const back = route.back ? `&return_date=${crowd.returnDate}` : ""
  const passengers = party(random, familyName)
  const people = `&adults=${countOf(passengers, "adult")}&children=${countOf(passengers, "child")}&infants=${countOf(passengers, "infant")}`
  const query = `origin=${route.origin}&destination=${route.destination}&depart_date=${crowd.date}${back}${people}`
  const search = await insist(asker, "GET", `/api/flights/search?${query}`)
  const offers = search.status === 200 ? search.answer.slices.map((slice: Json) => random.pick(slice.offers)) : []
  if (offers.length === 0 || offers.includes(undefined)) return undefined
  const order = {
    offer_tokens: offers.map((offer: Json) => (random.pick(offer.fares) as Json).token),
    passengers,
    contact: { email: `${person.name}@example.com` },
    ...(random.chance(0.3) && { promo_code: random.pick(PROMO_CODES) }),
    ...(person.token && random.chance(0.4) && { points: random.pick([500, 2_000, 100_000]) }),
  }
  const held = await insist(asker, "POST", "/api/flights/book", order)
  return held.status === 201 ? held.answer : undefined
}

const adult = (family_name: string) => ({ type: "adult", given_name: "Ada", family_name, birth_date: "1985-12-10" })

function party(random: Random, familyName: string) {
  const ada = adult(familyName)
  const child = { type: "child", given_name: "Byron", family_name: familyName, birth_date: "2018-05-12" }
  const infant = { type: "infant", given_name: "Anne", family_name: familyName, birth_date: "2026-03-22" }
  return random.pick([[ada], [ada], [ada], [ada, ada], [ada, child], [ada, infant]])
}

const countOf = (passengers: { type: string }[], type: string) => passengers.filter((each) => each.type === type).length

async function chooseSeats(trip: Trip) {
  const path = `/api/bookings/${trip.reference}/seats`
  const map = await insist(trip, "GET", path)
  if (map.status !== 200) return
  const passenger = trip.booking.passengers[0]
  const seats = map.answer.segments.flatMap((segment: Json) => {
    const free = segment.seats.filter((seat: Json) => seat.status === "free").slice(0, 3)
    const seat = trip.random.pick(free) as Json
    return seat ? [{ passenger_id: passenger.id, segment_id: segment.segment_id, seat: seat.number }] : []
  })
  if (seats.length > 0) await insist(trip, "POST", path, { seats })
}

async function pay(trip: Trip): Promise<void> {
  const { random, person } = trip
  const way = random.next()
  if (person.token && random.chance(0.3)) await checkout(trip, random.pick([0, 1_000, 3_000, 100_000]))
  const isLate = random.chance(trip.crowd.mood.paysTooLateOnThePage)
  if (isLate || way < 0.12) return payOnHostedPage(trip, isLate)
  if (way < 0.2) return payWithAuthentication(trip)
  if (way < 0.24) return void (await checkout(trip))
  if (way < 0.45) await process(trip, random.pick(BAD_CARDS))
  await process(trip, random.pick(GOOD_CARDS))
}

async function changeMindWhilePaying(trip: Trip) {
  if (!trip.random.chance(trip.crowd.mood.cancelsWhilePaying)) return
  await pause(trip.random, 300)
  await quoteAndCancel(trip)
}

const process = (trip: Trip, payment_method: string) =>
  insist(trip, "POST", "/api/payments/process", { booking_reference: trip.reference, payment_method })

const checkout = (trip: Trip, points?: number) =>
  insist(trip, "POST", "/api/payments/create-intent", {
    booking_reference: trip.reference,
    ...(points !== undefined && { points }),
  })

async function payWithAuthentication(trip: Trip) {
  const asked = await process(trip, "pm_card_authenticationRequired")
  if (asked.answer?.redirect_url) await authenticate(trip, asked.answer.redirect_url)
}

async function authenticate({ random }: Trip, url: string) {
  await pause(random, 300)
  const way = random.next()
  if (way < 0.15) return // closes the bank's page
  const home = await visit(url, { outcome: way < 0.3 ? "fail" : "complete" })
  if (home && random.chance(0.7)) await visit(home)
}

/** Longer than the hold with its extension. */
const TOO_LATE_MILLISECONDS = 5500

async function payOnHostedPage(trip: Trip, isLate: boolean) {
  const opened = await checkout(trip)
  if (!opened.answer?.checkout_url) return
  const page = await visit(trip.crowd.uiUrl + pathOf(opened.answer.checkout_url))
  if (!page?.includes("/c/pay/")) return
  await (isLate ? Bun.sleep(TOO_LATE_MILLISECONDS) : pause(trip.random, 300))
  const card = { card_number: trip.random.pick(HOSTED_CARDS), expiry: "12 / 34", cvc: "123", name: "Ada Lovelace" }
  const next = await visit(page, card)
  if (next?.includes("/3ds/")) await authenticate(trip, next)
  else if (next && !isLate && trip.random.chance(0.7)) await visit(next)
}

/** The last passenger, or the way back. */
const aPart = ({ booking, random }: Trip) =>
  random.chance(0.5) ? { passenger_ids: [booking.passengers.at(-1).id] } : { slices: [1] }

async function quoteAndCancel(trip: Trip, part = {}) {
  const quoted = await insist(trip, "POST", `/api/bookings/${trip.reference}/cancellation-quote`, part)
  await pause(trip.random, 200)
  if (trip.random.chance(0.1)) return
  await cancel(trip, quoted.answer?.quote_token ?? "")
}

const cancel = (trip: Trip, quote_token: string) =>
  insist(trip, "POST", `/api/bookings/${trip.reference}/cancel`, quote_token ? { quote_token } : {})

const look = (trip: Trip) => insist(trip, "GET", `/api/bookings/${trip.reference}`)

/**
 * Asks as impatient people do: a POST is sometimes sent twice at once, and what got no proper answer is asked again,
 * always under the same key.
 */
async function insist(asker: Asker, method: "GET" | "POST", path: string, body?: Json): Promise<Exchange> {
  const { crowd, person, random, token } = asker
  const key = method === "POST" ? random.uuid() : ""
  const ask = () => crowd.history.ask({ round: crowd.round, customer: person.name, method, path, key, body, token })
  const isTwice = method === "POST" && random.chance(0.2)
  for (let attempt = 1; ; attempt++) {
    const [answer] = await Promise.all(isTwice && attempt === 1 ? [ask(), ask()] : [ask()])
    const isUnclear = answer!.status === 0 || answer!.status >= 500 || answer!.answer?.reason === "REQUEST_IN_PROGRESS"
    if (!isUnclear || attempt === TRIES) return answer!
    if (Date.now() > crowd.stopTime + LATE_MILLISECONDS) throw new GoneHome()
    await Bun.sleep(200 * attempt)
  }
}

/** A browser on a page of ui's or Stripe's; where it is sent to. */
async function visit(url: string, form?: Record<string, string>): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(6000),
      ...(form && { method: "POST", body: new URLSearchParams(form) }),
    })
    await response.arrayBuffer()
    const location = response.headers.get("location")
    return location ? new URL(location, url).href : undefined
  } catch {
    return undefined
  }
}

const pathOf = (url: string) => url.slice(new URL(url).origin.length)

const pause = (random: Random, milliseconds: number) => Bun.sleep(random.below(milliseconds))

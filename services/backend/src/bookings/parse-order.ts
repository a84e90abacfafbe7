import { Problems } from "@airside/kernel/errors"
import { type Contact, Gender, type Passenger, PassengerType } from "@airside/protos/airside/bookings/v1/bookings"
import { checkEmail, checkName } from "../accounts/user.ts"
import type { CallContext } from "../context.ts"
import { failures } from "../failures.ts"
import { isCivilDate } from "../flights/civil-date.ts"
import type { PassengerCounts, PassengerKind } from "../flights/fares.ts"
import { type ChosenOffer, readOffer } from "../flights/offers.ts"
import { fold } from "../flights/places.ts"

/** Offers and passengers that belong together. */
export interface Order {
  /** One a slice, in the order of travel. */
  offers: ChosenOffer[]
  /** Where the offers were read from. */
  offerTokens: string[]
  passengers: OrderedPassenger[]
  promoCode: string | null
  points: bigint
}

export interface OrderedPassenger {
  type: PassengerKind
  givenName: string
  familyName: string
  familyNameKey: string
  birthDate: string
  gender: "unspecified" | "female" | "male"
}

interface OrderRequest {
  offerTokens: string[]
  passengers: Passenger[]
  promoCode: string
  points: bigint
}

const MOST_SLICES = 6
const OLDEST_YEARS = 120

/**
 * Reads the tokens and checks the passengers against them, nothing of which depends on when it is asked. `complete`
 * wants names and birth dates too. Reasons:
 * INVALID_REQUEST, OFFER_INVALID, OFFERS_DO_NOT_COMBINE, POINTS_NEED_ACCOUNT.
 */
export function parseOrder(context: CallContext, request: OrderRequest, complete: boolean): Order {
  const problems = new Problems()
  if (request.offerTokens.length === 0) problems.add("offer_tokens", "is missing")
  if (request.offerTokens.length > MOST_SLICES)
    problems.add("offer_tokens", `more than ${MOST_SLICES} slices cannot be booked at once`)
  if (request.passengers.length === 0) problems.add("passengers", "is missing")
  if (request.points < 0n) problems.add("points", "is negative")
  if (request.promoCode.length > 40) problems.add("promo_code", "is longer than 40 characters")
  problems.throwIfAny()

  const { rules } = context
  const offers = request.offerTokens.map((token, index) => readOffer(token, rules.offerKey, `offer_tokens[${index}]`))
  const first = offers[0]!
  if (offers.some((offer) => !sameCounts(offer.counts, first.counts) || offer.currency !== rules.currency)) {
    throw failures.OFFERS_DO_NOT_COMBINE({}, [{ field: "offer_tokens", message: "were made for different passengers" }])
  }
  const departureDate = first.segments[0]!.date
  const lastDate = offers.at(-1)!.segments.at(-1)!.date
  const passengers = request.passengers.map((passenger, index) =>
    parsePassenger(problems, passenger, `passengers[${index}]`, { departureDate, lastDate, complete }),
  )
  checkCounts(problems, passengers, first.counts)
  problems.throwIfAny()
  if (request.points > 0n && context.call.caller.kind !== "person") {
    throw failures.POINTS_NEED_ACCOUNT({}, [{ field: "points", message: "log in to spend points" }])
  }
  const promoCode = request.promoCode.trim().toUpperCase() || null
  return { offers, offerTokens: request.offerTokens, passengers, promoCode, points: request.points }
}

/** Throws INVALID_REQUEST. */
export function parseContact(contact: Contact | undefined): Contact {
  const problems = new Problems()
  const email = contact?.email.trim() ?? ""
  const phone = contact?.phone.trim() ?? ""
  checkEmail(problems, "contact.email", email)
  if (phone !== "" && !/^\+?[\d\s()./-]{5,30}$/.test(phone)) problems.add("contact.phone", "is not a telephone number")
  problems.throwIfAny()
  return { email, phone }
}

const TYPES: Record<PassengerType, PassengerKind | undefined> = {
  [PassengerType.UNSPECIFIED]: undefined,
  [PassengerType.ADULT]: "adult",
  [PassengerType.CHILD]: "child",
  [PassengerType.INFANT]: "infant",
}
const GENDERS: Record<Gender, OrderedPassenger["gender"] | undefined> = {
  [Gender.UNSPECIFIED]: "unspecified",
  [Gender.FEMALE]: "female",
  [Gender.MALE]: "male",
}

function parsePassenger(
  problems: Problems,
  passenger: Passenger,
  field: string,
  { departureDate, lastDate, complete }: { departureDate: string; lastDate: string; complete: boolean },
): OrderedPassenger {
  const type = TYPES[passenger.type]
  if (!type) problems.add(`${field}.type`, "must be adult, child or infant")
  const gender = GENDERS[passenger.gender]
  if (!gender) problems.add(`${field}.gender`, "must be female, male or unspecified")
  const givenName = passenger.givenName.trim()
  const familyName = passenger.familyName.trim()
  if (complete || givenName !== "") checkName(problems, `${field}.given_name`, givenName)
  if (complete || familyName !== "") checkName(problems, `${field}.family_name`, familyName)
  if (complete || passenger.birthDate !== "") {
    const problem = birthDateProblem(passenger.birthDate, type, departureDate, lastDate)
    if (problem) problems.add(`${field}.birth_date`, problem)
  }
  return {
    type: type ?? "adult",
    givenName,
    familyName,
    familyNameKey: familyNameKey(familyName),
    birthDate: passenger.birthDate,
    gender: gender ?? "unspecified",
  }
}

/** What FindBooking compares: case, accents, spaces and punctuation do not matter. */
export const familyNameKey = (name: string): string => fold(name).replace(/[^\p{L}\p{N}]/gu, "")

/** Adults are 12 or older when they leave; infants are under 2 until the last departure. */
function birthDateProblem(text: string, type: PassengerKind | undefined, departureDate: string, lastDate: string) {
  if (text === "") return "is missing"
  if (!isCivilDate(text)) return "is not a date (YYYY-MM-DD)"
  if (text > departureDate) return "is after the departure"
  const ageOn = (date: string) => Temporal.PlainDate.from(text).until(date, { largestUnit: "years" }).years
  if (ageOn(departureDate) > OLDEST_YEARS) return `is more than ${OLDEST_YEARS} years ago`
  if (type === "adult" && ageOn(departureDate) < 12) return "an adult is 12 or older on the day of departure"
  if (type === "child" && (ageOn(departureDate) >= 12 || ageOn(departureDate) < 2))
    return "a child is 2 to 11 on the day of departure"
  if (type === "infant" && ageOn(lastDate) >= 2) return "an infant is under 2 on every flight; book a child's seat"
  return undefined
}

const sameCounts = (a: PassengerCounts, b: PassengerCounts) =>
  a.adults === b.adults && a.children === b.children && a.infants === b.infants

function checkCounts(problems: Problems, passengers: readonly OrderedPassenger[], counts: PassengerCounts) {
  const count = (type: PassengerKind) => passengers.filter((passenger) => passenger.type === type).length
  const given = { adults: count("adult"), children: count("child"), infants: count("infant") }
  if (sameCounts(given, counts) || problems.fields.length > 0) return
  const words = ({ adults, children, infants }: PassengerCounts) =>
    `${adults} adults, ${children} children, ${infants} infants`
  problems.add("passengers", `are ${words(given)}, but the offers are for ${words(counts)}`)
}

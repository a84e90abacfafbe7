import type { User } from "@airside/protos/airside/accounts/v1/accounts"
import type { PriceBookingRequest } from "@airside/protos/airside/bookings/v1/bookings"
import type { Child } from "hono/jsx"
import type { UiContext } from "../context.ts"
import { Page, respond } from "../layout.tsx"
import { hasReason, problemOf } from "../problems.ts"
import { ChangedOffer } from "./changed-offer.tsx"
import { listBrands } from "./fare-brands.ts"
import { NextBest, nextBest } from "./next-best.tsx"
import { isAboutOffers, offeredAnew, type Selection } from "./selection.tsx"

/** What somebody was doing when the chosen offers turned out not to be bookable. */
export interface Attempt {
  selection: Selection
  /** All that was typed. */
  form: URLSearchParams
  order: Omit<PriceBookingRequest, "offerTokens">
  /** Where the step sends its form. */
  action: "/book/passengers" | "/book/review" | "/book"
}

const WORDS: Record<string, [title: string, advice: string]> = {
  OFFERS_DO_NOT_COMBINE: ["These flights do not fit together", "One of them leaves before you have arrived."],
  SALES_CLOSED: ["Too late for this flight", "Sales end some time before departure."],
  SOLD_OUT: ["The last seats have just gone", "Somebody else was quicker."],
}
/** What was offered anew may have lapsed too, when the answer is one that was kept; but not for ever. */
const MOST_RENEWALS = 3

/**
 * Says why the offers cannot be booked and what can be done: agree to the same flights as they are now, or take others
 * of the same search. Either goes on where it stopped, with everything that was typed.
 */
export async function offersGone(
  context: UiContext,
  request: Request,
  attempt: Attempt,
  error: unknown,
): Promise<Response> {
  const { user, token } = await context.sessions.identityOf(request)
  let refused = error
  for (let renewals = 0; renewals < MOST_RENEWALS; renewals++) {
    const anew = offeredAnew(refused)
    if (!anew) break
    try {
      const { price, slices } = await priceAnew(context, attempt, anew.tokens, token)
      return show(user, attempt, "Please agree", <ChangedOffer {...{ context, attempt, anew, price, slices }} />)
    } catch (again) {
      if (!isAboutOffers(again)) throw again
      refused = again
    }
  }
  const { reason, detail } = problemOf(refused)
  const [title, advice] = WORDS[reason] ?? ["This offer cannot be booked", detail]
  const [choices, brands] = await Promise.all([
    nextBest(context, attempt.selection.search, refused),
    listBrands(context.clients),
  ])
  return show(user, attempt, title, <NextBest {...{ attempt, title, advice, choices, brands }} />)
}

/** A promo code or points that are refused are said beside their fields, where this leads on to. */
async function priceAnew({ clients }: UiContext, { order }: Attempt, offerTokens: string[], token: string | undefined) {
  try {
    return await clients.bookings.priceBooking({ ...order, offerTokens }, { token })
  } catch (error) {
    const ofExtras = ["PROMO_UNKNOWN", "PROMO_NOT_APPLICABLE", "NOT_ENOUGH_POINTS", "POINTS_REMAINDER_TOO_SMALL"]
    if (!hasReason(error, ...ofExtras)) throw error
    return clients.bookings.priceBooking({ ...order, offerTokens, promoCode: "", points: 0n }, { token })
  }
}

/** Apply asks for the price alone; this is more than that, and takes the place of the whole page. */
const WHOLE_PAGE = { "hx-retarget": "#content", "hx-reselect": "#content", "hx-reswap": "outerHTML" }

function show(user: User | undefined, { action }: Attempt, title: string, children: Child) {
  const step = action === "/book/passengers" ? "Passengers" : "Review"
  const page = (
    <Page title={title} user={user} step={step}>
      {children}
    </Page>
  )
  return respond(page, 409, { headers: WHOLE_PAGE })
}

import { failuresOf } from "@airside/kernel/errors"

/** Every reason that backend answers with, beside the kernel's own. */
export const failures = failuresOf({
  USERNAME_TAKEN: ["ALREADY_EXISTS", "This username is taken."],
  EMAIL_TAKEN: ["ALREADY_EXISTS", "There is an account with this e-mail address already."],
  WRONG_CREDENTIALS: ["UNAUTHENTICATED", "The username or the password is wrong."],
  WRONG_PASSWORD: ["FAILED_PRECONDITION", "The current password is wrong."],
  TOO_MANY_ATTEMPTS: ["RESOURCE_EXHAUSTED", "Too many attempts; wait a few minutes."],
  SESSION_ENDED: ["UNAUTHENTICATED", "This session has ended; log in again."],
  SESSION_NOT_FOUND: ["NOT_FOUND", "There is no such session."],

  PLACE_NOT_FOUND: ["NOT_FOUND", "There is no such place."],
  DEPARTURE_NOT_FOUND: ["NOT_FOUND", "There is no such departure."],

  OFFER_INVALID: ["INVALID_ARGUMENT", "This offer was not made here, or was altered."],
  OFFER_EXPIRED: ["FAILED_PRECONDITION", "This offer has expired; search again."],
  OFFER_CHANGED: ["FAILED_PRECONDITION", "The flight has changed since it was offered; look at the new offer."],
  OFFERS_DO_NOT_COMBINE: ["FAILED_PRECONDITION", "These flights overlap in time or do not belong together."],
  SALES_CLOSED: ["FAILED_PRECONDITION", "This flight is no longer sold; it leaves too soon."],
  SOLD_OUT: ["FAILED_PRECONDITION", "There are not enough seats left on this flight."],
  PROMO_UNKNOWN: ["FAILED_PRECONDITION", "There is no such promo code."],
  PROMO_NOT_APPLICABLE: ["FAILED_PRECONDITION", "This promo code is for the first booking of an account."],
  POINTS_NEED_ACCOUNT: ["FAILED_PRECONDITION", "Log in to spend points."],
  NOT_ENOUGH_POINTS: ["FAILED_PRECONDITION", "The account has fewer points than that."],
  POINTS_REMAINDER_TOO_SMALL: [
    "FAILED_PRECONDITION",
    "What is left for the card is below the smallest amount it can pay; spend fewer points.",
  ],

  BOOKING_NOT_FOUND: ["NOT_FOUND", "There is no such booking."],
  BOOKING_STATE: ["FAILED_PRECONDITION", "The booking is in a state that does not allow this."],
  BOOKING_BUSY: ["ABORTED", "The booking is being changed at this moment; try again."],
  HOLD_EXPIRED: ["FAILED_PRECONDITION", "The seats are no longer held; book again."],
  PAYMENT_NOT_FOUND: ["NOT_FOUND", "There is no such payment."],
  SEAT_NOT_INCLUDED: [
    "FAILED_PRECONDITION",
    "This fare does not include choosing a seat; one is assigned at check-in.",
  ],
  SEAT_TAKEN: ["FAILED_PRECONDITION", "Somebody else has this seat."],

  QUOTE_INVALID: ["INVALID_ARGUMENT", "This quote was not made here, or was altered."],
  QUOTE_EXPIRED: ["FAILED_PRECONDITION", "This quote has expired; ask for a new one."],
  QUOTE_CHANGED: ["FAILED_PRECONDITION", "The booking has changed since the quote; look at the new one."],
  NOTHING_TO_CANCEL: ["FAILED_PRECONDITION", "None of these tickets is open any more."],
  PARTY_NEEDS_ADULT: ["FAILED_PRECONDITION", "Children and infants who stay need an adult on every flight."],
  ALREADY_DEPARTED: ["FAILED_PRECONDITION", "The journey has begun; it can no longer be cancelled here."],
})

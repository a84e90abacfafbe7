import { Failure, failuresOf } from "@airside/kernel/errors"

/** Every reason of this service's own, beside the kernel's. */
export const failures = failuresOf({
  PAYMENT_NOT_FOUND: ["NOT_FOUND", "There is no such payment."],
  PAYMENT_DIFFERS: ["ALREADY_EXISTS", "A payment with this id exists and asks for something else."],
  PAYMENT_CANCELLED: ["FAILED_PRECONDITION", "This payment was cancelled."],
  /** metadata: status */
  PAYMENT_STATE: ["FAILED_PRECONDITION", "The payment is not in a state in which this can be done."],
  PAYMENT_PROCESSING: ["UNAVAILABLE", "The bank has not decided about this payment yet; ask again in a moment."],
  PAYMENT_BUSY: ["ABORTED", "Somebody else is paying or cancelling this payment; ask again in a moment."],
  /** Stripe took something else than what we asked for. It is never counted as paid; staff must look. */
  PAYMENT_MISMATCH: ["INTERNAL", "What was paid is not what was asked for; our staff has been told."],
  AMOUNT_TOO_SMALL: ["FAILED_PRECONDITION", "The amount is too small to be paid by card."],
  REFUND_DIFFERS: ["ALREADY_EXISTS", "A refund with this id exists and gives back something else."],
  REFUND_TOO_LARGE: ["FAILED_PRECONDITION", "That is more than is left of the payment."],
  CARD_NOT_FOUND: ["NOT_FOUND", "There is no such saved card."],
  USER_NOT_FOUND: ["NOT_FOUND", "There is no such user."],
  WEBHOOK_SIGNATURE: ["INVALID_ARGUMENT", "The event is not signed by Stripe, or too old."],
  STRIPE_UNAVAILABLE: ["UNAVAILABLE", "Payments cannot be reached just now; try again."],
})

/** What a traveller can do about a decline. https://docs.stripe.com/declines/codes */
const ADVICE: Record<string, string> = {
  insufficient_funds: "There is not enough money on this card. Try another card.",
  expired_card: "This card has expired. Try another card.",
  incorrect_cvc: "The card's security code is wrong. Check it and try again.",
  invalid_cvc: "The card's security code is wrong. Check it and try again.",
  incorrect_number: "The card's number is wrong. Check it and try again.",
  processing_error: "The bank could not process this card just now. Try again in a minute, or try another card.",
  authentication_required: "The bank wants to make sure that it is you. Try again, or try another card.",
}

/** CARD_DECLINED, metadata: code and decline_code as Stripe gives them. Why a card is stolen or lost stays the bank's. */
export function cardDeclined(code: string, declineCode: string): Failure {
  const message = ADVICE[declineCode] ?? ADVICE[code] ?? "The bank declined this card. Try another card."
  return new Failure("FAILED_PRECONDITION", "CARD_DECLINED", message, {
    metadata: { code, decline_code: declineCode },
  })
}

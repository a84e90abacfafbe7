import { failuresOf } from "@airside/kernel/errors"

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
  REFUND_NOT_FOUND: ["NOT_FOUND", "There is no such refund."],
  /** Refused for good, and not kept as an answer: staff may try it again, and then the same request succeeds. */
  REFUND_FAILED: ["ABORTED", "The refund did not reach the card; our staff has been told."],
  /** The answer to one more try. */
  REFUND_FAILED_AGAIN: ["FAILED_PRECONDITION", "The refund did not reach the card this time either."],
  EVENT_NOT_FOUND: ["NOT_FOUND", "There is no such event."],
  CARD_NOT_FOUND: ["NOT_FOUND", "There is no such saved card."],
  USER_NOT_FOUND: ["NOT_FOUND", "There is no such user."],
  WEBHOOK_SIGNATURE: ["INVALID_ARGUMENT", "The event is not signed by Stripe, or too old."],
  STRIPE_UNAVAILABLE: ["UNAVAILABLE", "Payments cannot be reached just now; try again."],
})

/** Everything that the sandbox refuses, in the words and with the status that Stripe uses. */
import type Stripe from "stripe"

/** The `error` object of Stripe's answer. https://docs.stripe.com/api/errors */
export interface ErrorBody {
  type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error"
  message: string
  code?: string
  decline_code?: string
  param?: string
  charge?: string
  payment_intent?: Stripe.PaymentIntent
  setup_intent?: Stripe.SetupIntent
  payment_method?: Stripe.PaymentMethod
}

/** A refusal that becomes the answer. Nothing of the operation is kept. */
export class StripeError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message)
  }

  /** Refused before the operation began: Stripe keeps no answer for the idempotency key, so that a fixed request may reuse it. */
  get isValidation(): boolean {
    return this.status === 401 || /^parameter_|_no_longer_supported$/.test(this.body.code ?? "")
  }
}

/** A decline: the answer is 402, and unlike with every other error the attempt and its events are kept. */
export class CardError extends StripeError {
  constructor(body: Omit<ErrorBody, "type">) {
    super(402, { type: "card_error", ...body })
  }
}

export function invalidRequest(message: string, more: Partial<ErrorBody> = {}, status = 400): StripeError {
  return new StripeError(status, { type: "invalid_request_error", message, ...more })
}

/** 404 for the object that the path names, 400 for one that a parameter refers to. */
export function noSuch(noun: string, id: string, param: string, status: 400 | 404): StripeError {
  return invalidRequest(`No such ${noun}: '${id}'`, { code: "resource_missing", param }, status)
}

export function unexpectedState(message: string, intent: Partial<ErrorBody>): StripeError {
  const noun = intent.setup_intent ? "setup_intent" : "payment_intent"
  return invalidRequest(message, { code: `${noun}_unexpected_state`, ...intent })
}

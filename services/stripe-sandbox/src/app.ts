/** Every URL that the sandbox answers: Stripe's API below /v1, the pages that travellers see, and what only a sandbox has. */
import type { BunRequest } from "bun"
import { answer, type Operation } from "./api.ts"
import { capturePaymentIntent } from "./capture.ts"
import { listCharges, retrieveCharge } from "./charges.ts"
import {
  createSession,
  expireSession,
  listLineItems,
  listSessions,
  retrieveSession,
  updateSession,
} from "./checkout-sessions.ts"
import { createCustomer, deleteCustomer, listCustomers, retrieveCustomer, updateCustomer } from "./customers.ts"
import { controlDeliveries, deliverAgain } from "./delivery-controls.ts"
import { closeDispute, listDisputes, retrieveDispute, updateDispute } from "./disputes.ts"
import { listEvents, retrieveEvent } from "./events.ts"
import { answerChallenge, showChallenge } from "./hosted/challenge-page.ts"
import { payOnPage, showPaymentPage } from "./hosted/payment-page.ts"
import {
  cancelPaymentIntent,
  confirmPaymentIntent,
  createPaymentIntent,
  listPaymentIntents,
  retrievePaymentIntent,
  updatePaymentIntent,
} from "./payment-intents.ts"
import {
  attachPaymentMethod,
  createPaymentMethod,
  detachPaymentMethod,
  listCustomerPaymentMethods,
  listPaymentMethods,
  retrievePaymentMethod,
} from "./payment-methods.ts"
import { createRefund, listRefunds, retrieveRefund, updateRefund } from "./refunds.ts"
import type { Sandbox } from "./sandbox.ts"
import {
  cancelSetupIntent,
  confirmSetupIntent,
  createSetupIntent,
  listSetupIntents,
  retrieveSetupIntent,
} from "./setup-intents.ts"

export function routes(sandbox: Sandbox) {
  const api = (operate: Operation) => (request: BunRequest) => answer(sandbox, request, operate)
  return {
    "/v1/customers": { POST: api(createCustomer), GET: api(listCustomers) },
    "/v1/customers/:id": { GET: api(retrieveCustomer), POST: api(updateCustomer), DELETE: api(deleteCustomer) },
    "/v1/customers/:id/payment_methods": { GET: api(listCustomerPaymentMethods) },

    "/v1/payment_methods": { POST: api(createPaymentMethod), GET: api(listPaymentMethods) },
    "/v1/payment_methods/:id": { GET: api(retrievePaymentMethod) },
    "/v1/payment_methods/:id/attach": { POST: api(attachPaymentMethod) },
    "/v1/payment_methods/:id/detach": { POST: api(detachPaymentMethod) },

    "/v1/payment_intents": { POST: api(createPaymentIntent), GET: api(listPaymentIntents) },
    "/v1/payment_intents/:id": { GET: api(retrievePaymentIntent), POST: api(updatePaymentIntent) },
    "/v1/payment_intents/:id/confirm": { POST: api(confirmPaymentIntent) },
    "/v1/payment_intents/:id/cancel": { POST: api(cancelPaymentIntent) },
    "/v1/payment_intents/:id/capture": { POST: api(capturePaymentIntent) },

    "/v1/setup_intents": { POST: api(createSetupIntent), GET: api(listSetupIntents) },
    "/v1/setup_intents/:id": { GET: api(retrieveSetupIntent) },
    "/v1/setup_intents/:id/confirm": { POST: api(confirmSetupIntent) },
    "/v1/setup_intents/:id/cancel": { POST: api(cancelSetupIntent) },

    "/v1/charges": { GET: api(listCharges) },
    "/v1/charges/:id": { GET: api(retrieveCharge) },

    "/v1/refunds": { POST: api(createRefund), GET: api(listRefunds) },
    "/v1/refunds/:id": { GET: api(retrieveRefund), POST: api(updateRefund) },

    "/v1/disputes": { GET: api(listDisputes) },
    "/v1/disputes/:id": { GET: api(retrieveDispute), POST: api(updateDispute) },
    "/v1/disputes/:id/close": { POST: api(closeDispute) },

    "/v1/checkout/sessions": { POST: api(createSession), GET: api(listSessions) },
    "/v1/checkout/sessions/:id": { GET: api(retrieveSession), POST: api(updateSession) },
    "/v1/checkout/sessions/:id/expire": { POST: api(expireSession) },
    "/v1/checkout/sessions/:id/line_items": { GET: api(listLineItems) },

    "/v1/events": { GET: api(listEvents) },
    "/v1/events/:id": { GET: api(retrieveEvent) },

    "/c/pay/:id": {
      GET: (request: BunRequest) => showPaymentPage(sandbox, request),
      POST: (request: BunRequest) => payOnPage(sandbox, request),
    },
    "/3ds/:id": {
      GET: (request: BunRequest) => showChallenge(sandbox, request),
      POST: (request: BunRequest) => answerChallenge(sandbox, request),
    },

    "/sandbox/webhooks": { POST: api(controlDeliveries) },
    "/sandbox/events/:id/deliver": { POST: api(deliverAgain) },

    "/healthz": { GET: () => Response.json({ status: "ok" }) },
  }
}

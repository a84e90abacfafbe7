import { service } from "@airside/kernel/rpc-server"
import { PaymentServiceService } from "@airside/protos/airside/payments/v1/payments"
import { PaymentRepairServiceService } from "@airside/protos/airside/repairs/v1/repairs"
import { addBankCard } from "./cards/add-bank-card.ts"
import { listBankCards } from "./cards/list-bank-cards.ts"
import { removeBankCard } from "./cards/remove-bank-card.ts"
import { setDefaultBankCard } from "./cards/set-default-bank-card.ts"
import type { Context } from "./context.ts"
import { listMoneyAlerts } from "./money/list-money-alerts.ts"
import { listMoneyEvents } from "./money/list-money-events.ts"
import { cancelPayment } from "./payments/cancel-payment.ts"
import { createPayment } from "./payments/create-payment.ts"
import { getPayment } from "./payments/get-payment.ts"
import { listPayments } from "./payments/list-payments.ts"
import { processPayment } from "./payments/process-payment.ts"
import { refundPayment } from "./refunds/refund-payment.ts"
import { retryRefund } from "./refunds/retry-refund.ts"
import { listDifferences } from "./repairs/list-differences.ts"
import { listPaymentRepairs } from "./repairs/list-payment-repairs.ts"
import { listUnmatchedEvents } from "./repairs/list-unmatched-events.ts"
import { matchEvent } from "./repairs/match-event.ts"
import { recordWebhook } from "./webhooks/record-webhook.ts"

/** Every RPC of this service and the operation that answers it. */
export const services = [
  service<typeof PaymentServiceService, Context>(PaymentServiceService, {
    createPayment,
    processPayment,
    cancelPayment,
    refundPayment,
    retryRefund,
    getPayment,
    listPayments,
    listMoneyEvents,
    listMoneyAlerts,
    recordWebhook,
    listBankCards,
    addBankCard,
    setDefaultBankCard,
    removeBankCard,
  }),
  service<typeof PaymentRepairServiceService, Context>(PaymentRepairServiceService, {
    listUnmatchedEvents,
    matchEvent,
    listDifferences,
    listPaymentRepairs,
  }),
]

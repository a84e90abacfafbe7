// What HTML cannot do by itself: the list box under a place, the countdown of a hold, local times, printing.
// Every page works without this file.

/** A text field with suggestions, as the combo box pattern of the WAI-ARIA practices describes it. */
function enhanceCombobox(input) {
  const list = document.getElementById(input.dataset.combobox)
  input.setAttribute("role", "combobox")
  input.setAttribute("aria-autocomplete", "list")
  input.setAttribute("aria-controls", list.id)
  let chosen = -1

  const show = (open) => {
    list.hidden = !open
    input.setAttribute("aria-expanded", String(open))
    if (!open) mark(-1)
  }
  const mark = (index) => {
    const options = [...list.children]
    chosen = index
    for (const [position, option] of options.entries()) {
      option.setAttribute("aria-selected", String(position === index))
    }
    if (index < 0) return input.removeAttribute("aria-activedescendant")
    input.setAttribute("aria-activedescendant", options[index].id)
    options[index].scrollIntoView({ block: "nearest" })
  }
  const take = (option) => {
    input.value = option.dataset.value
    input.dispatchEvent(new Event("htmx:abort"))
    list.replaceChildren()
    show(false)
  }

  show(false)
  input.addEventListener("htmx:after:swap", () => {
    show(list.children.length > 0 && document.activeElement === input)
    if (!list.hidden) mark(0)
  })
  input.addEventListener("keydown", (event) => {
    const count = list.children.length
    if (list.hidden || count === 0) return
    if (event.key === "ArrowDown") mark((chosen + 1) % count)
    else if (event.key === "ArrowUp") mark((chosen - 1 + count) % count)
    else if (event.key === "Enter" && chosen >= 0) take(list.children[chosen])
    else if (event.key === "Escape") show(false)
    else {
      if (event.key === "Tab" && chosen >= 0 && input.value) take(list.children[chosen])
      return
    }
    event.preventDefault()
  })
  input.addEventListener("blur", () => show(false))
  input.addEventListener("focus", () => input.select())
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault()
    const option = event.target.closest("[role=option]")
    if (option) take(option)
  })
}

/** Swaps the two places in the form itself. */
function enhanceSwap(button) {
  button.addEventListener("click", (event) => {
    event.preventDefault()
    const { origin, destination } = button.form.elements
    ;[origin.value, destination.value] = [destination.value, origin.value]
  })
}

/** No flight is before the one before it. */
function enhanceDates(form) {
  const dates = [...form.querySelectorAll("input[type=date]")]
  const follow = () => {
    let earliest = dates[0].value || dates[0].min
    for (const date of dates.slice(1)) {
      date.min = earliest
      if (date.value && date.value < earliest) date.value = earliest
      earliest = date.value || earliest
    }
  }
  form.addEventListener("change", follow)
  follow()
}

/** Counts a hold down by the second, and asks the server when it is over. */
function enhanceCountdown(time) {
  const end = Date.parse(time.dateTime)
  const tick = () => {
    if (!time.isConnected) return clearInterval(timer)
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000))
    time.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`
    if (seconds > 0) return
    clearInterval(timer)
    // The server has the last word; a little later it has said it.
    setTimeout(() => location.assign(location.pathname), 3000)
  }
  const timer = setInterval(tick, 1000)
  tick()
}

function enhanceLocalTime(time) {
  time.textContent = new Date(time.dateTime).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" })
}

function enhancePrint(button) {
  button.hidden = false
  button.addEventListener("click", () => print())
}

/** A form that is on its way is not sent again by a second click; its request_id would make that harmless anyway. */
function enhanceSubmit(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault()
    form.dataset.sent = "true"
    form.setAttribute("aria-busy", "true")
  })
}

const ENHANCEMENTS = [
  ["[data-combobox]", enhanceCombobox],
  ["[data-swap]", enhanceSwap],
  ["form.search", enhanceDates],
  ["[data-countdown]", enhanceCountdown],
  ["time[data-local]", enhanceLocalTime],
  ["[data-print]", enhancePrint],
  ["form[method=post]:not([hx-post])", enhanceSubmit],
  ["[data-focus]", (element) => element.focus()],
]

function enhance(root) {
  for (const [selector, apply] of ENHANCEMENTS) {
    for (const element of root.querySelectorAll(selector)) {
      if (element.dataset.enhanced) continue
      element.dataset.enhanced = "true"
      apply(element)
    }
  }
}

enhance(document)
document.addEventListener("htmx:after:swap", () => enhance(document))
// What somebody has opened stays open when the part of the page around it is exchanged, and the focus stays inside.
let opened = []
let focused = ""
document.addEventListener("htmx:before:swap", () => {
  opened = [...document.querySelectorAll("details[id][open]")].map(({ id }) => id)
  focused = document.activeElement?.id
})
document.addEventListener("htmx:after:swap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "")
  if (focused && document.activeElement === document.body) {
    document.getElementById(focused)?.focus({ preventScroll: true })
  }
})
// A page that comes back from the browser's memory may send its forms again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent
    form.removeAttribute("aria-busy")
  }
})

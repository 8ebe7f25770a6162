// What a shop does for a customer who is signed in: it hands the widget the token that its server signed.
const identity = JSON.parse(document.getElementById('identity').textContent)
const loader = setInterval(() => {
  if (!window.Desk) return
  clearInterval(loader)
  window.Desk.identify(identity.token)
  // Who has signed out has done so once: a reload is no second time.
  if (!identity.token) history.replaceState(null, '', location.pathname)
}, 50)

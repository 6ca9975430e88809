//! The page that people watch and intervene with: files of `host/page`, in the program itself.
//!
//! Nothing is loaded from elsewhere, and the policy below lets a browser load nothing else: what events
//! and handlers say is shown as text and could not run as a script if it were not.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::routing::get;
use tower_http::set_header::SetResponseHeaderLayer;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

macro_rules! files {
    ($($path:literal $kind:ident $file:literal)+) => {
        [$(($path, $kind, include_str!(concat!("../../page/", $file)))),+]
    };
}

const FILES: [(&str, &str, &str); 19] = files! {
    "/" HTML "index.html"
    "/page/style.css" STYLE "style.css"
    "/page/icon.svg" IMAGE "icon.svg"
    "/page/main.js" SCRIPT "main.js"
    "/page/api.js" SCRIPT "api.js"
    "/page/caller.js" SCRIPT "caller.js"
    "/page/chart.js" SCRIPT "chart.js"
    "/page/dialog.js" SCRIPT "dialog.js"
    "/page/dom.js" SCRIPT "dom.js"
    "/page/format.js" SCRIPT "format.js"
    "/page/poll.js" SCRIPT "poll.js"
    "/page/views/dead.js" SCRIPT "views/dead.js"
    "/page/views/event.js" SCRIPT "views/event.js"
    "/page/views/events.js" SCRIPT "views/events.js"
    "/page/views/handlers.js" SCRIPT "views/handlers.js"
    "/page/views/login.js" SCRIPT "views/login.js"
    "/page/views/overview.js" SCRIPT "views/overview.js"
    "/page/views/try.js" SCRIPT "views/try.js"
    "/favicon.ico" IMAGE "icon.svg"
};

/// The page's files, each at its path.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let header = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    let file = |router: Router<S>, (path, kind, text): (&str, &'static str, &'static str)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, kind)], text) }))
    };
    FILES
        .into_iter()
        .fold(Router::new(), file)
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(REFERRER_POLICY, "no-referrer"))
}

//! Serves a node's metrics for Prometheus over HTTP: those of runtime, network and consensus engine, then the
//! node's own.

use super::{NetError, vitals::Vitals};
use crate::node::Node;
use commonware_macros::select;
use commonware_runtime::{Clock, Metrics, tokio::Context};
use std::{fmt::Write, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Longest head of a request in bytes.
const HEAD_LEN_MAX: usize = 8 << 10;
/// Longest time for a request and its answer.
const TIME_MAX: Duration = Duration::from_secs(5);
/// Ends a text of metrics.
const END: &str = "# EOF\n";

/// Is what is told of a node.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) node: Node,
    pub(super) vitals: Arc<Vitals>,
}

/// Takes an address. Errors: it has been taken meanwhile.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, NetError> {
    let fail = |source| NetError::Listen { address, purpose: "metrics", option: "--metrics", source };
    TcpListener::bind(address).await.map_err(fail)
}

/// Answers one client after the other, each in bounded time.
pub(super) async fn listen(context: Context, listener: TcpListener, page: Page) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            context.sleep(Duration::from_millis(100)).await;
            continue;
        };
        select! {
            result = answer(client, &context, &page) => {
                if let Err(error) = result {
                    tracing::debug!(%error, "metrics not sent");
                }
            },
            _ = context.sleep(TIME_MAX) => {},
        }
    }
}

async fn answer(mut client: TcpStream, context: &Context, page: &Page) -> std::io::Result<()> {
    let (mut head, mut part) = (Vec::new(), [0; 1_024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < HEAD_LEN_MAX {
        let len = client.read(&mut part).await?;
        if len == 0 {
            return Ok(());
        }
        head.extend(part.get(..len).unwrap_or_default());
    }
    let (status, body) = match head.starts_with(b"GET /metrics ") || head.starts_with(b"GET / ") {
        true => ("200 OK", text(&context.encode(), page)),
        false => ("404 Not Found", "metrics are at /metrics\n".to_owned()),
    };
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    let len = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len}\r\nconnection: close\r\n\r\n"
    );
    client.write_all(head.as_bytes()).await?;
    client.write_all(body.as_bytes()).await?;
    client.shutdown().await
}

/// Appends the node's own metrics to those of the runtime.
fn text(runtime: &str, page: &Page) -> String {
    let mut out = runtime.strip_suffix(END).unwrap_or(runtime).to_owned();
    for (name, kind, help, value) in own(page) {
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{{node=\"{}\"}} {value}\n",
            page.name
        );
    }
    out + END
}

fn own(page: &Page) -> [(&'static str, &'static str, &'static str, u64); 13] {
    let (node, vitals) = (&page.node, &page.vitals);
    let (height, groups) = node.ledger(|ledger| {
        let round = ledger.round(ledger.head()).ok();
        (ledger.height(), round.map_or(0, |round| u64::from(round.x)))
    });
    let (pending, queued) = node.pool(|pool| pool.status());
    let heard = node.book(|book| book.counts());
    [
        ("fusor_height", "gauge", "Height of the last final block.", height),
        ("fusor_highest", "gauge", "Height of the highest final block known of.", node.highest().max(height)),
        ("fusor_groups", "gauge", "Number of groups, X.", groups),
        (
            "fusor_finality_milliseconds",
            "gauge",
            "From the last block's own time until it was final here.",
            vitals.latency_ms(),
        ),
        (
            "fusor_work_microseconds",
            "gauge",
            "How long this node's last offer took, proof of work and execution.",
            vitals.worked_us(),
        ),
        ("fusor_packages_total", "counter", "Packages heard.", heard.packages),
        ("fusor_offers_total", "counter", "Offers heard.", heard.offers),
        (
            "fusor_transactions_total",
            "counter",
            "Transactions that became final here.",
            vitals.transactions(),
        ),
        ("fusor_cheats_total", "counter", "Cheats seen.", vitals.cheats()),
        ("fusor_peers", "gauge", "Connected peers.", vitals.peers()),
        ("fusor_pool_pending", "gauge", "Transactions of the pool that can run.", pending as u64),
        ("fusor_pool_queued", "gauge", "Transactions of the pool that wait for others.", queued as u64),
        (
            "fusor_pool_bytes",
            "gauge",
            "Bytes of the pool's transactions.",
            node.pool(|pool| pool.bytes()) as u64,
        ),
    ]
}

/// Counts a node's connected peers in the text of the runtime's metrics.
pub(super) fn connected(text: &str, name: &str) -> u64 {
    let mine = format!("node=\"{name}\"");
    let is_peer = |line: &&str| {
        let Some((labels, value)) = line.rsplit_once(' ') else { return false };
        let (name, labels) = labels.split_once('{').unwrap_or((labels, ""));
        let is_gauge = name.contains("_network_tracker_") && name.ends_with("_connected");
        is_gauge && labels.contains(&mine) && value != "0"
    };
    text.lines().filter(is_peer).count() as u64
}

#[cfg(test)]
mod tests {
    use super::connected;

    #[test]
    fn counts_the_peers_of_one_node() {
        let text = "# TYPE node_network_tracker_directory_connected gauge\n\
            node_network_tracker_directory_connected{node=\"a\",peer=\"1\"} 1700000000000\n\
            node_network_tracker_directory_connected{node=\"a\",peer=\"2\"} 0\n\
            node_network_tracker_directory_connected{node=\"b\",peer=\"1\"} 1700000000000\n\
            node_network_tracker_tracked{node=\"a\"} 3\n";
        assert_eq!((connected(text, "a"), connected(text, "b"), connected(text, "c")), (1, 1, 0));
    }
}

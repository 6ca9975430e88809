//! A server of a test's own on loopback: it keeps what it was asked, and answers as the test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::support::BOUND;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// Each `name: value`, with the name in lower case.
    pub headers: Vec<String>,
    pub body: String,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find_map(|header| header.strip_prefix(name)?.strip_prefix(": "));
        found.map(str::trim_end)
    }
}

type Reply = dyn Fn(&Seen, &mut TcpStream) + Send + Sync;

/// Ends with the test, and so do its connections: whoever waits in them hears of the client's end.
pub struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    is_over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    pub fn new(reply: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, is_over) = (Arc::<Mutex<Vec<Seen>>>::default(), Arc::<AtomicBool>::default());
        let (all, over, reply): (_, _, Arc<Reply>) = (seen.clone(), is_over.clone(), Arc::new(reply));
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (all, reply) = (all.clone(), reply.clone());
                std::thread::spawn(move || serve(stream, &all, &*reply));
            }
        });
        Server { address, seen, is_over, accepting: Some(accepting) }
    }

    /// Answers everything with this status and body.
    pub fn answering(status: u16, body: &'static str) -> Server {
        Server::new(move |_, stream| answer(stream, status, &[], body))
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// What it was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Whoever accepts looks again.
        let _ = TcpStream::connect(self.address);
        self.accepting.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, all: &Mutex<Vec<Seen>>, reply: &Reply) {
    stream.set_read_timeout(Some(BOUND)).unwrap();
    let Some(seen) = read(&stream) else {
        return write(&mut stream, "HTTP/1.1 400 No request\r\n\r\n");
    };
    all.lock().unwrap().push(seen.clone());
    reply(&seen, &mut stream);
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut parts = first.split(' ').map(str::to_owned);
    let (method, path) = (parts.next()?, parts.next()?);
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push(format!("{}: {}", name.to_ascii_lowercase(), value.trim()));
    }
    let mut seen = Seen { method, path, headers, body: String::new() };
    let length = seen.header("content-length").map_or(0, |length| length.parse().unwrap());
    reader.take(length).read_to_string(&mut seen.body).ok()?;
    Some(seen)
}

/// Writes a whole answer.
pub fn answer(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &str) {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write(stream, &format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\n\r\n{body}"));
}

/// Writes, unless the other side is gone.
pub fn write(stream: &mut TcpStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

/// Writes the same again and again until the other side is gone.
pub fn write_without_end(stream: &mut TcpStream, text: &str) {
    while stream.write_all(text.as_bytes()).is_ok() {}
}

/// Says nothing until the other side is gone.
pub fn wait_for_its_end(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0]);
}

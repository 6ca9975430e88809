//! The socket beside the database, for commands of the user who serves it. Whoever can open it could open
//! the database itself, so nobody is asked for a token.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::{UnixListener, UnixStream};

/// Connections that wait to be taken.
const WAITING_MAX: i32 = 64;

/// Marks a request that came by the socket.
#[derive(Debug, Clone, Copy)]
pub struct FromSocket;

/// Where the server of a database listens for commands of the same user.
pub fn socket_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".sock");
    name.into()
}

/// A socket that goes with its server.
pub struct LocalSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl LocalSocket {
    /// Only the database's owner may call this: what lies there then is what a killed server left.
    ///
    /// # Errors
    /// When there can be no socket at this path.
    pub fn beside(database: &Path) -> io::Result<Self> {
        let path = socket_of(database);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(&path)?)?;
        // Before it listens, nobody can have come.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        socket.listen(WAITING_MAX)?;
        socket.set_nonblocking(true)?;
        Ok(LocalSocket { listener: UnixListener::from_std(socket.into())?, path })
    }

    pub async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        // What cannot be removed is removed by the next server.
        let _ = std::fs::remove_file(&self.path);
    }
}

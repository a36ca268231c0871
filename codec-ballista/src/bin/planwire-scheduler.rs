//! The scheduler of a cluster as a program without Python: it holds functions as they came, and opens none.

use std::error::Error;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::thread;

use clap::{Parser, ValueEnum};
use planwire_arrow as _;
use planwire_ballista::{Scheduler, TaskSchedulingPolicy, TlsFiles};
use planwire_registry::{FamilyMode, Registry, SessionCodecs};
use tokio::net::TcpListener;
use tokio::runtime::Builder;

/// Plans the queries of planwire's clients, and gives their tasks to executors.
///
/// Anybody who can reach its port can run queries, unless it asks for certificates.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    bind: String,
    /// The port to listen on; 0 for a free one.
    #[arg(long, default_value_t = 50050)]
    port: u16,
    /// Whether executors are sent their tasks or ask for them; all have the same.
    ///
    /// Without it push, or with TLS pull, because the port to which tasks are sent cannot be encrypted.
    #[arg(long, value_enum)]
    policy: Option<Policy>,
    /// After how many seconds an executor counts as lost of which nothing is heard.
    #[arg(long, default_value_t = 30)]
    executor_timeout: u64,
    /// The certificate that the scheduler shows, in PEM; with it, all connections are encrypted.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// The authorities that certificates of clients and executors have to be from, in PEM; without it, any may connect.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_client_ca: Option<PathBuf>,
    /// End when the standard input does, for a process that another one looks after.
    #[arg(long)]
    until_stdin_closes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Policy {
    Push,
    Pull,
}

/// Stack of each thread, because planning recurses once for each level of an expression.
const STACK: usize = 64 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()?.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let Options {
        bind,
        port,
        policy,
        executor_timeout,
        tls_cert,
        tls_key,
        tls_client_ca,
        until_stdin_closes,
    } = options;
    let files = TlsFiles { cert: tls_cert, key: tls_key, client_ca: tls_client_ca, ..TlsFiles::default() };
    let tls = files.server()?;
    let codecs = SessionCodecs::new(Registry::linked()?).with_mode("arrow", FamilyMode::Inline)?;
    let scheduler = Scheduler {
        codecs: planwire_ballista::codecs(&codecs)?,
        policy: match policy {
            Some(Policy::Push) => TaskSchedulingPolicy::PushStaged,
            Some(Policy::Pull) => TaskSchedulingPolicy::PullStaged,
            None if tls.is_some() => TaskSchedulingPolicy::PullStaged,
            None => TaskSchedulingPolicy::PushStaged,
        },
        executor_timeout,
        tls,
    };
    if until_stdin_closes {
        thread::spawn(|| {
            let mut buffer = [0; 1024];
            while io::stdin().read(&mut buffer).is_ok_and(|read| read > 0) {}
            std::process::exit(0);
        });
    }
    let listener = TcpListener::bind((bind.as_str(), port)).await?;
    println!("planwire scheduler: listening at df://{bind}:{}", listener.local_addr()?.port());
    scheduler.serve(listener).await?;
    Ok(())
}

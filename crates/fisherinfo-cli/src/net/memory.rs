//! What a command takes, said before it begins, and refused where it does not fit.

use super::data::{DataArguments, bytes};
use super::failure::NetFailure;
use super::model::Model;
use fisherinfo_net::backend::Backend;
use fisherinfo_net::{Dataset, Network};

/// Bytes of what is there beside sums: the network, the examples of a batch, and the greatest tensor once more in
/// double precision, for sums over a batch and for a file.
pub(super) struct Beside {
    network: u128,
    pub(super) an_example: u128,
}

impl Beside {
    pub(super) fn of<B: Backend>(
        network: &Network<B>,
        data: &Dataset,
        arguments: &DataArguments,
    ) -> Result<Self, NetFailure> {
        let fault = |error| NetFailure::Network {
            file: arguments.file(),
            error,
        };
        data.check(network).map_err(fault)?;
        let all = network.parameters().iter().chain(network.frozen());
        let numbers: u128 = all.map(|info| info.length() as u128).sum();
        let lengths = network.parameters().iter().map(|info| info.length());
        let greatest = lengths.max().unwrap_or(0) as u128;
        Ok(Self {
            network: numbers * std::mem::size_of::<B::Element>() as u128 + 24 * greatest,
            an_example: network.linearise(data, 0..1).map_err(fault)?.bytes(),
        })
    }

    pub(super) fn bytes(&self, batch: u32) -> u128 {
        self.network + u128::from(batch) * self.an_example
    }
}

/// Refuses a checkpoint that does not fit, before it is read: its numbers, and the sums of a diagonal.
pub(super) fn can_be_read<R>(model: &Model) -> Result<(), NetFailure> {
    let Some(count) = model.count() else {
        return Ok(());
    };
    let least = count as u128 * (std::mem::size_of::<R>() as u128 + 8);
    fits(least, || {
        format!("the least that is asked of it takes {}", bytes(least))
    })
}

/// Refuses what does not fit into the memory that is free.
pub(super) fn fits(needed: u128, remedy: impl FnOnce() -> String) -> Result<(), NetFailure> {
    match available() {
        Some(available) if needed > available => Err(NetFailure::Memory {
            needed: bytes(needed),
            available: bytes(available),
            remedy: remedy(),
        }),
        _ => Ok(()),
    }
}

/// Free memory, where the system says it.
fn available() -> Option<u128> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find(|line| line.starts_with("MemAvailable:"))?;
    let kilobytes: u128 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

//! Containers of ECS tasks: without root, without capabilities, with nothing to write to but what is mounted.

use lisa_cfn::aws::ecs::task_definition::{
    ContainerDefinition, HealthCheck, HostVolumeProperties, KernelCapabilities, KeyValuePair,
    LinuxParameters, LogConfiguration, MountPoint, Volume,
};
use lisa_cfn::aws::logs;
use lisa_cfn::{Handle, Map, Value, pseudo};
use lisa_config::section::container::ContainerHealthCheck;

/// User and group that containers run as: `nonroot` of the distroless images. Host directories that they write to
/// belong to it.
pub(crate) const USER: &str = "65532";

/// Port on which the gateway and the engines listen, as upstream's do.
pub(crate) const PORT: u16 = 8080;

/// Adds up a container's settings that are alike everywhere.
pub(crate) fn container(
    name: &str,
    image: Value<String>,
    logs: &Handle<logs::LogGroup>,
    environment: impl IntoIterator<Item = (String, Value<String>)>,
    linux: LinuxParameters,
) -> ContainerDefinition {
    let environment =
        environment.into_iter().map(|(name, value)| KeyValuePair::new().name(name).value(value));
    ContainerDefinition::new(image, name)
        .essential(true)
        .user(format!("{USER}:{USER}"))
        .privileged(false)
        .readonly_root_filesystem(true)
        .linux_parameters(
            linux.capabilities(KernelCapabilities::new().drop(["ALL"])).init_process_enabled(true),
        )
        .environment(environment.collect::<Vec<_>>())
        .log_configuration(log_configuration(logs, name))
}

fn log_configuration(logs: &Handle<logs::LogGroup>, prefix: &str) -> LogConfiguration {
    let group: Value<String> = logs.reference().into();
    let options = [
        ("awslogs-group", group),
        ("awslogs-region", pseudo::region()),
        ("awslogs-stream-prefix", prefix.into()),
        // A log service that is slow must not stop requests: lines are dropped before that.
        ("mode", "non-blocking".into()),
        ("max-buffer-size", "8m".into()),
    ];
    LogConfiguration::new("awslogs").options(options.into_iter().collect::<Map<String>>())
}

/// The configured health check; none for upstream's placeholder, which checks nothing.
pub(crate) fn health_check(check: &ContainerHealthCheck) -> Option<HealthCheck> {
    let wanted = HealthCheck::new()
        .command(check.command.clone())
        .interval(check.interval)
        .start_period(check.start_period)
        .timeout(check.timeout)
        .retries(check.retries);
    (!check.is_placeholder()).then_some(wanted)
}

/// A directory of the host, as a volume of the task.
pub(crate) fn host_volume(name: &str, path: &str) -> Volume {
    Volume::new().name(name).host(HostVolumeProperties::new().source_path(path))
}

/// Where a container sees a volume.
pub(crate) fn mount(volume: &str, path: &str, read_only: bool) -> MountPoint {
    MountPoint::new().source_volume(volume).container_path(path).read_only(read_only)
}

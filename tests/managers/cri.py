#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A small client of Kubernetes' container runtime interface (runtime.v1).

Usage: cri.py [SERVICE.]METHOD [JSON]      one call; prints the answer as JSON
       cri.py stream METHOD JSON           Exec or Attach: its input, output and exit status are ours
       cri.py forward PORT JSON            PortForward: a connection to the port, from our input to our output

Messages are the JSON objects that their fields' names give; enumerations are numbers.  The table holds
the fields that the tests use, under the numbers of the interface's definition (k8s.io/cri-api).
"""
import base64
import json
import os
import socket
import struct
import sys
import threading
import urllib.parse

import grpc

SOCKET = os.environ.get('CRI_SOCKET', '/run/containerd/containerd.sock')

# message: "field=number:type", type being s(tring), i(nteger), b(oolean), m(ap of strings) or a
# message; a * before it: repeated.
MESSAGES = {name: dict((f.partition('=')[0], f.partition('=')[2].split(':')) for f in fields.split())
            for name, fields in {
    'Version': 'version=1:s',
    'VersionAnswer': 'runtime_name=2:s runtime_version=3:s runtime_api_version=4:s',
    'Status': '', 'StatusAnswer': 'status=1:RuntimeStatus',
    'RuntimeStatus': 'conditions=1:*Condition', 'Condition': 'type=1:s status=2:b reason=3:s message=4:s',
    'Number': 'value=1:i',
    'Metadata': 'name=1:s uid=2:s namespace=3:s attempt=4:i',
    'IDMapping': 'host_id=1:i container_id=2:i length=3:i',
    'UserNamespace': 'mode=1:i uids=2:*IDMapping gids=3:*IDMapping',
    'Namespaces': 'network=1:i pid=2:i ipc=3:i target_id=4:s userns_options=5:UserNamespace',
    'Profile': 'profile_type=1:i localhost_ref=2:s',
    'SandboxSecurity': 'namespace_options=1:Namespaces run_as_user=3:Number readonly_rootfs=4:b '
                       'privileged=6:b run_as_group=8:Number seccomp=9:Profile',
    'LinuxSandbox': 'cgroup_parent=1:s security_context=2:SandboxSecurity sysctls=3:m',
    'DNS': 'servers=1:*s searches=2:*s options=3:*s',
    'PortMapping': 'protocol=1:i container_port=2:i host_port=3:i host_ip=4:s',
    'Sandbox': 'metadata=1:Metadata hostname=2:s log_directory=3:s dns_config=4:DNS '
               'port_mappings=5:*PortMapping labels=6:m annotations=7:m linux=8:LinuxSandbox',
    'RunPodSandbox': 'config=1:Sandbox runtime_handler=2:s', 'RunPodSandboxAnswer': 'pod_sandbox_id=1:s',
    'StopPodSandbox': 'pod_sandbox_id=1:s', 'StopPodSandboxAnswer': '',
    'RemovePodSandbox': 'pod_sandbox_id=1:s', 'RemovePodSandboxAnswer': '',
    'PodSandboxStatus': 'pod_sandbox_id=1:s', 'PodSandboxStatusAnswer': 'status=1:SandboxState',
    'SandboxState': 'id=1:s state=3:i network=5:SandboxNetwork', 'SandboxNetwork': 'ip=1:s',
    'ListPodSandbox': '', 'ListPodSandboxAnswer': 'items=1:*SandboxState',
    'PodSandboxStats': 'pod_sandbox_id=1:s', 'PodSandboxStatsAnswer': 'stats=1:SandboxStats',
    'SandboxStats': 'linux=2:LinuxSandboxStats',
    'LinuxSandboxStats': 'cpu=1:CPU memory=2:Memory process=4:Processes', 'Processes': 'process_count=2:Number',
    'CPU': 'usage_core_nano_seconds=2:Number',
    'Memory': 'working_set_bytes=2:Number available_bytes=3:Number usage_bytes=4:Number',
    'Image': 'image=1:s', 'KeyValue': 'key=1:s value=2:s',
    'Mount': 'container_path=1:s host_path=2:s readonly=3:b propagation=5:i',
    'Device': 'container_path=1:s host_path=2:s permissions=3:s',
    'Resources': 'cpu_period=1:i cpu_quota=2:i cpu_shares=3:i memory_limit_in_bytes=4:i oom_score_adj=5:i '
                 'cpuset_cpus=6:s cpuset_mems=7:s unified=9:m memory_swap_limit_in_bytes=10:i',
    'Capabilities': 'add_capabilities=1:*s drop_capabilities=2:*s',
    'Security': 'capabilities=1:Capabilities privileged=2:b namespace_options=3:Namespaces '
                'run_as_user=5:Number run_as_username=6:s readonly_rootfs=7:b supplemental_groups=8:*i '
                'no_new_privs=11:b run_as_group=12:Number masked_paths=13:*s readonly_paths=14:*s '
                'seccomp=15:Profile',
    'Linux': 'resources=1:Resources security_context=2:Security',
    'ContainerName': 'name=1:s attempt=2:i',
    'Config': 'metadata=1:ContainerName image=2:Image command=3:*s args=4:*s working_dir=5:s envs=6:*KeyValue '
              'mounts=7:*Mount devices=8:*Device labels=9:m annotations=10:m log_path=11:s stdin=12:b '
              'stdin_once=13:b tty=14:b linux=15:Linux',
    'CreateContainer': 'pod_sandbox_id=1:s config=2:Config sandbox_config=3:Sandbox',
    'CreateContainerAnswer': 'container_id=1:s',
    'StartContainer': 'container_id=1:s', 'StartContainerAnswer': '',
    'StopContainer': 'container_id=1:s timeout=2:i', 'StopContainerAnswer': '',
    'RemoveContainer': 'container_id=1:s', 'RemoveContainerAnswer': '',
    'ContainerStatus': 'container_id=1:s', 'ContainerStatusAnswer': 'status=1:ContainerState',
    'ContainerState': 'id=1:s state=3:i exit_code=7:i reason=10:s message=11:s log_path=15:s',
    'ListContainers': '', 'ListContainersAnswer': 'containers=1:*Container', 'Container': 'id=1:s state=6:i',
    'UpdateContainerResources': 'container_id=1:s linux=2:Resources', 'UpdateContainerResourcesAnswer': '',
    'ReopenContainerLog': 'container_id=1:s', 'ReopenContainerLogAnswer': '',
    'ExecSync': 'container_id=1:s cmd=2:*s timeout=3:i', 'ExecSyncAnswer': 'stdout=1:s stderr=2:s exit_code=3:i',
    'Exec': 'container_id=1:s cmd=2:*s tty=3:b stdin=4:b stdout=5:b stderr=6:b', 'ExecAnswer': 'url=1:s',
    'Attach': 'container_id=1:s stdin=2:b tty=3:b stdout=4:b stderr=5:b', 'AttachAnswer': 'url=1:s',
    'PortForward': 'pod_sandbox_id=1:s port=2:*i', 'PortForwardAnswer': 'url=1:s',
    'ContainerStats': 'container_id=1:s', 'ContainerStatsAnswer': 'stats=1:Stats',
    'Stats': 'cpu=2:CPU memory=3:Memory',
    'MapEntry': 'key=1:s value=2:s',
}.items()}


def varint(value):
    out = b''
    value &= (1 << 64) - 1
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def encode(message, value):
    out = b''
    for field, content in value.items():
        number, kind = MESSAGES[message][field]
        number = int(number) << 3
        items = content if kind[0] == '*' else [content]
        kind = kind.lstrip('*')
        if kind == 'm':
            kind, items = 'MapEntry', [{'key': k, 'value': v} for k, v in content.items()]
        for item in items:
            if kind in 'ib':
                out += varint(number) + varint(int(item))
                continue
            data = item.encode() if kind == 's' else encode(kind, item)
            out += varint(number | 2) + varint(len(data)) + data
    return out


def take_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def decode(message, data):
    """Fields that are not in the table are left out."""
    fields = {int(number): (field, kind) for field, (number, kind) in MESSAGES[message].items()}
    value, at = {}, 0
    while at < len(data):
        key, at = take_varint(data, at)
        if key & 7 == 0:
            item, at = take_varint(data, at)
            item -= item >> 63 << 64
        elif key & 7 == 2:
            length, at = take_varint(data, at)
            item, at = data[at:at + length], at + length
        else:
            raise ValueError(f'wire type {key & 7} in {message}')
        if key >> 3 not in fields:
            continue
        field, kind = fields[key >> 3]
        if kind == 'b':
            item = bool(item)
        elif isinstance(item, bytes):
            item = item.decode(errors='replace') if kind.lstrip('*') == 's' else decode(kind.lstrip('*'), item)
        if kind[0] == '*':
            value.setdefault(field, []).append(item)
        else:
            value[field] = item
    return value


def call(method, request):
    with grpc.insecure_channel('unix:' + SOCKET) as channel:
        stub = channel.unary_unary('/runtime.v1.RuntimeService/' + method,
                                   request_serializer=lambda value: encode(method, value),
                                   response_deserializer=lambda data: decode(method + 'Answer', data))
        return stub(request, timeout=80)


def receive(connection, length):
    data = b''
    while len(data) < length:
        more = connection.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def send_frame(connection, channel, data):
    """One message of RFC 6455, masked (with zeros) as a client's must be."""
    connection.sendall(b'\x82' + bytes([0x80 | 126]) + struct.pack('>H', len(data) + 1) + b'\0\0\0\0' +
                       bytes([channel]) + data)


def connect(url, query=''):
    """A web socket in Kubernetes' v4.channel protocol: the first byte of a message is the channel."""
    url = urllib.parse.urlparse(url)
    connection = socket.create_connection((url.hostname, url.port))
    connection.sendall((f'GET {url.path}{query} HTTP/1.1\r\nHost: {url.netloc}\r\nUpgrade: websocket\r\n'
                        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
                        f'Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n'
                        'Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n').encode())
    head = b''
    while not head.endswith(b'\r\n\r\n'):
        head += receive(connection, 1)
    if b' 101 ' not in head.split(b'\r\n')[0]:
        sys.exit(head.decode())
    return connection


def messages(connection):
    """Channel and data of each message with data, until the other side closes."""
    try:
        while True:
            first, length = receive(connection, 2)
            length &= 127
            if length == 126:
                length, = struct.unpack('>H', receive(connection, 2))
            elif length == 127:
                length, = struct.unpack('>Q', receive(connection, 8))
            data = receive(connection, length)
            if first & 15 == 8:
                return
            if first & 15 in (1, 2) and data[1:]:
                yield data[0], data[1:]
    except EOFError:
        return


def feed(connection):
    def copy():
        while data := os.read(0, 4096):
            send_frame(connection, 0, data)
    threading.Thread(target=copy, daemon=True).start()


def forward(url, port):
    """Channel 0 is the connection, 1 its errors; each begins with the port's number."""
    connection = connect(url, f'?port={port}')
    begun = set()
    for channel, data in messages(connection):
        if channel not in begun:
            begun.add(channel)
            if begun == {0, 1}:
                feed(connection)
        elif channel == 1:
            sys.exit(data.decode())
        else:
            os.write(1, data)


def stream(url):
    """0, 1, 2 are the standard streams, 3 the end."""
    connection = connect(url)
    feed(connection)
    end = None
    for channel, data in messages(connection):
        if channel == 3:
            end = json.loads(data)
        else:
            os.write(channel, data)
    if end is None:
        sys.exit('the stream ended without a status')
    if end.get('status') == 'Success':
        sys.exit(0)
    for cause in end.get('details', {}).get('causes', []):
        if cause.get('reason') == 'ExitCode':
            sys.exit(int(cause['message']))
    sys.exit(end.get('message', str(end)))


def main(arguments):
    use = None
    if arguments[0] == 'stream':
        del arguments[0]
        use = stream
    elif arguments[0] == 'forward':
        port = int(arguments[1])
        arguments = ['PortForward', json.dumps(json.loads(arguments[2]) | {'port': [port]})]
        use = lambda url: forward(url, port)
    try:
        answer = call(arguments[0], json.loads(arguments[1]) if len(arguments) > 1 else {})
    except grpc.RpcError as error:
        sys.exit(f'{arguments[0]}: {error.code().name}: {error.details()}')
    if use:
        use(answer['url'])
        return
    print(json.dumps(answer))


main(sys.argv[1:])

"""Field numbers of the API's messages, as k8s.io/api publishes them.

One line per type: `member:number`, and `+Type:number` for a message whose members are written as
if they were the type's own.
"""

from __future__ import annotations

from functools import cache
from typing import Final

_NUMBERS: Final = {
    "TypeMeta": "apiVersion:1 kind:2",
    "ObjectMeta": (
        "name:1 generateName:2 namespace:3 selfLink:4 uid:5 resourceVersion:6 generation:7 "
        "creationTimestamp:8 deletionTimestamp:9 deletionGracePeriodSeconds:10 labels:11 "
        "annotations:12 ownerReferences:13 finalizers:14 managedFields:17"
    ),
    "OwnerReference": "kind:1 name:3 uid:4 apiVersion:5 controller:6 blockOwnerDeletion:7",
    "ManagedFieldsEntry": (
        "manager:1 operation:2 apiVersion:3 time:4 fieldsType:6 fieldsV1:7 subresource:8"
    ),
    "Condition": "type:1 status:2 observedGeneration:3 lastTransitionTime:4 reason:5 message:6",
    "DeleteOptions": "gracePeriodSeconds:1 preconditions:2 propagationPolicy:4 dryRun:5",
    "Preconditions": "uid:1 resourceVersion:2",
    "Namespace": "metadata:1 spec:2 status:3",
    "NamespaceSpec": "finalizers:1",
    "NamespaceStatus": "phase:1 conditions:2",
    "NamespaceCondition": "type:1 status:2 lastTransitionTime:4 reason:5 message:6",
    "ConfigMap": "metadata:1 data:2 binaryData:3 immutable:4",
    "Secret": "metadata:1 data:2 type:3 stringData:4 immutable:5",
    "Service": "metadata:1 spec:2 status:3",
    "ServiceSpec": (
        "ports:1 selector:2 clusterIP:3 type:4 externalIPs:5 sessionAffinity:7 loadBalancerIP:8 "
        "loadBalancerSourceRanges:9 externalName:10 externalTrafficPolicy:11 "
        "healthCheckNodePort:12 publishNotReadyAddresses:13 sessionAffinityConfig:14 "
        "ipFamilyPolicy:17 clusterIPs:18 ipFamilies:19 allocateLoadBalancerNodePorts:20 "
        "loadBalancerClass:21 internalTrafficPolicy:22 trafficDistribution:23"
    ),
    "ServicePort": "name:1 protocol:2 port:3 targetPort:4 nodePort:5 appProtocol:6",
    "SessionAffinityConfig": "clientIP:1",
    "ClientIPConfig": "timeoutSeconds:1",
    "ServiceStatus": "loadBalancer:1 conditions:2",
    "LoadBalancerStatus": "ingress:1",
    "LoadBalancerIngress": "ip:1 hostname:2 ipMode:3 ports:4",
    "PortStatus": "port:1 protocol:2 error:3",
    "Event": (
        "metadata:1 involvedObject:2 reason:3 message:4 source:5 firstTimestamp:6 "
        "lastTimestamp:7 count:8 type:9 eventTime:10 series:11 action:12 related:13 "
        "reportingComponent:14 reportingInstance:15"
    ),
    "events.k8s.io/Event": (
        "metadata:1 eventTime:2 series:3 reportingController:4 reportingInstance:5 action:6 "
        "reason:7 regarding:8 related:9 note:10 type:11 deprecatedSource:12 "
        "deprecatedFirstTimestamp:13 deprecatedLastTimestamp:14 deprecatedCount:15"
    ),
    "EventSource": "component:1 host:2",
    "EventSeries": "count:1 lastObservedTime:2",
    "ObjectReference": (
        "kind:1 namespace:2 name:3 uid:4 apiVersion:5 resourceVersion:6 fieldPath:7"
    ),
    "TypedLocalObjectReference": "apiGroup:1 kind:2 name:3",
    "Node": "metadata:1 spec:2 status:3",
    "NodeSpec": "podCIDR:1 externalID:2 providerID:3 unschedulable:4 taints:5 podCIDRs:7",
    "Taint": "key:1 value:2 effect:3 timeAdded:4",
    "NodeStatus": (
        "capacity:1 allocatable:2 phase:3 conditions:4 addresses:5 daemonEndpoints:6 nodeInfo:7 "
        "images:8 volumesInUse:9"
    ),
    "NodeCondition": (
        "type:1 status:2 lastHeartbeatTime:3 lastTransitionTime:4 reason:5 message:6"
    ),
    "NodeAddress": "type:1 address:2",
    "NodeDaemonEndpoints": "kubeletEndpoint:1",
    "DaemonEndpoint": "Port:1",
    "NodeSystemInfo": (
        "machineID:1 systemUUID:2 bootID:3 kernelVersion:4 osImage:5 containerRuntimeVersion:6 "
        "kubeletVersion:7 kubeProxyVersion:8 operatingSystem:9 architecture:10"
    ),
    "ContainerImage": "names:1 sizeBytes:2",
    "Ingress": "metadata:1 spec:2 status:3",
    "IngressSpec": "defaultBackend:1 tls:2 rules:3 ingressClassName:4",
    "IngressTLS": "hosts:1 secretName:2",
    "IngressRule": "host:1 +IngressRuleValue:2",
    "IngressRuleValue": "http:1",
    "HTTPIngressRuleValue": "paths:1",
    "HTTPIngressPath": "path:1 backend:2 pathType:3",
    "IngressBackend": "resource:3 service:4",
    "IngressServiceBackend": "name:1 port:2",
    "ServiceBackendPort": "name:1 number:2",
    "IngressStatus": "loadBalancer:1",
    "IngressLoadBalancerStatus": "ingress:1",
    "IngressLoadBalancerIngress": "ip:1 hostname:2 ports:4",
    "IngressClass": "metadata:1 spec:2",
    "IngressClassSpec": "controller:1 parameters:2",
    "IngressClassParametersReference": "apiGroup:1 kind:2 name:3 scope:4 namespace:5",
    "EndpointSlice": "metadata:1 endpoints:2 ports:3 addressType:4",
    "Endpoint": (
        "addresses:1 conditions:2 hostname:3 targetRef:4 deprecatedTopology:5 nodeName:6 zone:7 "
        "hints:8"
    ),
    "EndpointConditions": "ready:1 serving:2 terminating:3",
    "EndpointHints": "forZones:1 forNodes:2",
    "ForZone": "name:1",
    "EndpointPort": "name:1 protocol:2 port:3 appProtocol:4",
    "Lease": "metadata:1 spec:2",
    "LeaseSpec": (
        "holderIdentity:1 leaseDurationSeconds:2 acquireTime:3 renewTime:4 leaseTransitions:5 "
        "strategy:6 preferredHolder:7"
    ),
    "SelfSubjectAccessReview": "metadata:1 spec:2 status:3",
    "SelfSubjectAccessReviewSpec": "resourceAttributes:1 nonResourceAttributes:2",
    "SubjectAccessReviewStatus": "allowed:1 reason:2 evaluationError:3 denied:4",
    "ResourceAttributes": (
        "namespace:1 verb:2 group:3 version:4 resource:5 subresource:6 name:7 fieldSelector:8 "
        "labelSelector:9"
    ),
    "SelectorAttributes": "rawSelector:1 requirements:2",
    "LabelSelectorRequirement": "key:1 operator:2 values:3",
    "NonResourceAttributes": "path:1 verb:2",
    "SelfSubjectRulesReview": "metadata:1 spec:2 status:3",
    "SelfSubjectRulesReviewSpec": "namespace:1",
    "SubjectRulesReviewStatus": (
        "resourceRules:1 nonResourceRules:2 incomplete:3 evaluationError:4"
    ),
    "ResourceRule": "verbs:1 apiGroups:2 resources:3 resourceNames:4",
    "NonResourceRule": "verbs:1 nonResourceURLs:2",
    "SelfSubjectReview": "metadata:1 status:2",
    "SelfSubjectReviewStatus": "userInfo:1",
    "UserInfo": "username:1 uid:2 groups:3",
}


@cache
def numbers_of(go: str, group: str = "") -> dict[int, str]:
    """Members of a type by field number; empty for a type that has no protobuf form."""
    line = _NUMBERS.get(f"{group}/{go}") or _NUMBERS.get(go, "")
    pairs = (part.rsplit(":", 1) for part in line.split())
    return {int(number): member for member, number in pairs}

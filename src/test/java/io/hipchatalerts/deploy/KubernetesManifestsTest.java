package io.hipchatalerts.deploy;

import static io.hipchatalerts.deploy.DeployedProgram.INBOUND_TOKEN_FILE;
import static io.hipchatalerts.deploy.DeployedProgram.KUBERNETES;
import static io.hipchatalerts.deploy.DeployedProgram.NAME;
import static io.hipchatalerts.deploy.DeployedProgram.secret;
import static java.util.stream.Collectors.partitioningBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.CrossVersionObjectReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.MetricSpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.hipchatalerts.ProjectFiles;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The manifests of {@code deploy/kubernetes}; {@code ManifestsTest} has the rules that hold on Knative too. */
class KubernetesManifestsTest {

    private static final Overlay PROD = new Overlay(KUBERNETES.resolve("overlays/prod"));
    private static final DeployedProgram PROGRAM = PROD.program();
    private static final Map<String, String> LABELS =
            PROGRAM.template().getMetadata().getLabels();
    private static final Map<String, String> BUILT_WITH =
            ProjectFiles.properties(ProjectFiles.text(Path.of("src/http/resources/application.properties")));

    @Test
    void theDeploymentFindsItsPodsAndSpreadsThem() {
        assertThat(LABELS)
                .containsAllEntriesOf(
                        PROD.only(Deployment.class).getSpec().getSelector().getMatchLabels());
        assertThat(PROGRAM.pod().getTopologySpreadConstraints()).singleElement().satisfies(constraint -> assertThat(
                        LABELS)
                .containsAllEntriesOf(constraint.getLabelSelector().getMatchLabels()));
    }

    @Test
    void aStoppedInstanceHasTheTimeToEndWhatItBegan() {
        Duration preStop = Duration.ofSeconds(
                PROGRAM.container().getLifecycle().getPreStop().getSleep().getSeconds());
        Duration events = Duration.parse("PT" + BUILT_WITH.get("quarkus.shutdown.timeout"));
        Duration pendingChanges = PROGRAM.config().deadline();

        assertThat(preStop).isPositive();
        assertThat(events).isGreaterThanOrEqualTo(PROGRAM.config().deadline());
        assertThat(Duration.ofSeconds(PROGRAM.pod().getTerminationGracePeriodSeconds()))
                .isGreaterThan(preStop.plus(events).plus(pendingChanges));
    }

    @Test
    void theServiceReachesTheProgram() {
        Service service = PROD.only(Service.class, NAME);

        assertThat(LABELS).containsAllEntriesOf(service.getSpec().getSelector());
        assertThat(service.getSpec().getPorts()).singleElement().satisfies(port -> {
            // The README's and deploy/kapacitor's addresses have no port.
            assertThat(port.getPort()).isEqualTo(80);
            assertThat(PROGRAM.port(port.getTargetPort())).isEqualTo(programsPort());
        });
    }

    @Test
    void theAutoscalerAloneDecidesHowManyInstancesRun() {
        Deployment deployment = PROD.only(Deployment.class);
        var autoscaler = PROD.only(HorizontalPodAutoscaler.class).getSpec();

        assertThat(deployment.getSpec().getReplicas()).isNull();
        assertThat(autoscaler.getScaleTargetRef())
                .isEqualTo(new CrossVersionObjectReference(deployment.getApiVersion(), deployment.getKind(), NAME));
        assertThat(autoscaler.getMinReplicas())
                .isEqualTo(withoutAutoscaler().getSpec().getReplicas())
                .isLessThan(autoscaler.getMaxReplicas());
    }

    @Test
    void anInstanceCanUseTheProcessorTimeThatAddsAnother() {
        MetricSpec metric =
                PROD.only(HorizontalPodAutoscaler.class).getSpec().getMetrics().get(0);
        var resources = PROGRAM.container().getResources();
        String name = metric.getResource().getName();

        assertThat(metric.getResource().getTarget().getAverageValue().getNumericalAmount())
                .isLessThan(resources.getLimits().get(name).getNumericalAmount())
                .isGreaterThan(resources.getRequests().get(name).getNumericalAmount());
    }

    @Test
    void aDrainLeavesAnInstance() {
        var budget = PROD.only(PodDisruptionBudget.class).getSpec();

        assertThat(LABELS).containsAllEntriesOf(budget.getSelector().getMatchLabels());
        assertThat(budget.getMaxUnavailable().getIntVal())
                .isPositive()
                .isLessThan(withoutAutoscaler().getSpec().getReplicas());
    }

    @Test
    void callersReachTheProgramsPortOnly() {
        assertThat(policy().getPolicyTypes()).containsExactlyInAnyOrder("Ingress", "Egress");
        assertThat(LABELS).containsAllEntriesOf(policy().getPodSelector().getMatchLabels());
        assertThat(policy().getIngress()).singleElement().satisfies(rule -> assertThat(rule.getPorts())
                .singleElement()
                .satisfies(port -> assertThat(PROGRAM.port(port.getPort())).isEqualTo(programsPort())));
    }

    @Test
    void theProgramReachesDnsItsStoreAndHipChatOnly() {
        StatefulSet store = PROD.only(StatefulSet.class);
        var storesLabels = store.getSpec().getTemplate().getMetadata().getLabels();
        var storesContainer =
                store.getSpec().getTemplate().getSpec().getContainers().get(0);
        URI hipChat = URI.create(PROGRAM.settings().get("HIPCHAT_URL"));
        assertThat(hipChat).hasScheme("https").hasNoPort();

        Map<Boolean, List<NetworkPolicyEgressRule>> toAll = policy().getEgress().stream()
                .collect(partitioningBy(rule -> rule.getTo().isEmpty()));

        assertThat(toAll.get(false)).singleElement().satisfies(rule -> {
            assertThat(rule.getTo()).singleElement().satisfies(to -> assertThat(storesLabels)
                    .containsAllEntriesOf(to.getPodSelector().getMatchLabels()));
            assertThat(rule.getPorts()).singleElement().satisfies(port -> assertThat(
                            DeployedProgram.port(storesContainer, port.getPort()))
                    .isEqualTo(URI.create(PROGRAM.settings().get("QUARKUS_REDIS_HOSTS"))
                            .getPort()));
        });
        assertThat(toAll.get(true))
                .flatMap(NetworkPolicyEgressRule::getPorts)
                .extracting(port ->
                        port.getPort().getIntVal() + (port.getProtocol() == null ? "/TCP" : "/" + port.getProtocol()))
                .containsExactlyInAnyOrder("53/UDP", "53/TCP", "443/TCP");
    }

    @Test
    void theReadmesCommandsMatchTheManifests() {
        String readme = ProjectFiles.text(KUBERNETES.resolve("README.md"));

        assertThat(PROGRAM.settings()).containsKey(INBOUND_TOKEN_FILE);
        assertThat(readme)
                .contains("kubectl create namespace " + PROD.namespace())
                .contains("cp " + KUBERNETES + "/secret.yaml ")
                .contains("kubectl apply -k " + KUBERNETES + "/overlays/prod")
                .contains("http://" + NAME + "." + PROD.namespace() + ".svc.cluster.local/hipchat")
                .contains("-u kapacitor:" + secret().getStringData().get("inbound-token"));
    }

    private static NetworkPolicySpec policy() {
        return PROD.only(NetworkPolicy.class, NAME).getSpec();
    }

    private static Deployment withoutAutoscaler() {
        return new Overlay(KUBERNETES.resolve("base")).only(Deployment.class);
    }

    private static int programsPort() {
        return PROGRAM.port(
                new IntOrString(PROGRAM.container().getPorts().get(0).getName()));
    }
}
